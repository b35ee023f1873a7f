-- Which memories an event names: those that were written, deleted or shown.
ALTER TABLE audit_events ADD COLUMN memory_ids uuid[] NOT NULL DEFAULT '{}';
GRANT INSERT (memory_ids) ON audit_events TO soma_app, soma_system;

-- The same the other way round, for "who has been shown this memory": written by the chainer, after the
-- event. A table and not a GIN index, whose operator row-level security keeps from being used.
CREATE TABLE audit_memories (
  tenant_id uuid NOT NULL,
  memory_id uuid NOT NULL,
  event_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, memory_id, event_id)
);
ALTER TABLE audit_memories ALTER COLUMN tenant_id SET STATISTICS 0;
ALTER TABLE audit_memories ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_memories FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON audit_memories TO soma_app
  USING (tenant_id = NULLIF(current_setting('app.tenant', true), '')::uuid)
  WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant', true), '')::uuid);
CREATE POLICY system_access ON audit_memories TO soma_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON audit_memories TO soma_app;
GRANT SELECT, INSERT, DELETE ON audit_memories TO soma_system;

-- Retention: what is chained and at least a day old may be purged, from the beginning of a chain. The
-- event that tells of it holds the last hash purged.
GRANT DELETE ON audit_events TO soma_system;
CREATE POLICY system_purge ON audit_events FOR DELETE TO soma_system
  USING (sequence IS NOT NULL AND occurred_at < now() - interval '1 day');
