-- 'embed': the memory of id entry_id was stored while no embedder answered; its vector is made later.
ALTER TABLE index_outbox DROP CONSTRAINT index_outbox_operation_check;
ALTER TABLE index_outbox ADD CONSTRAINT index_outbox_operation_check
  CHECK (operation IN ('insert', 'remove', 'embed'));
CREATE INDEX index_outbox_embed_idx ON index_outbox (available_at, id) WHERE operation = 'embed';
