-- A task that failed again and again is put aside, so that it neither blocks nor slows the others.
ALTER TABLE index_outbox ADD COLUMN parked_at timestamptz;
CREATE INDEX index_outbox_parked_at_idx ON index_outbox (parked_at) WHERE parked_at IS NOT NULL;
