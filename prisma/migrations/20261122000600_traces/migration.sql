-- The trace that queued a task, as a W3C traceparent, so that whoever works it off goes on with it. Null:
-- the request was not followed. Each transaction says its own; what inserts need not know of it.
ALTER TABLE index_outbox ADD COLUMN traceparent text;
ALTER TABLE index_outbox
  ALTER COLUMN traceparent SET DEFAULT NULLIF(current_setting('app.traceparent', true), '');
