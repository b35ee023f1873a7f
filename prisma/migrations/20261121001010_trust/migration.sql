-- How far a token's writes are trusted, and whether they are kept apart until somebody releases them.
ALTER TABLE tokens
  ADD COLUMN trust double precision NOT NULL DEFAULT 1,
  ADD COLUMN quarantine boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT tokens_trust_check CHECK (trust BETWEEN 0 AND 1);

-- Of the version that is current; `written_by` is the id of a token, null from before this.
ALTER TABLE memories
  ADD COLUMN source jsonb,
  ADD COLUMN trust double precision NOT NULL DEFAULT 1,
  ADD COLUMN written_by text,
  ADD CONSTRAINT memories_source_check CHECK (jsonb_typeof(source) = 'object'),
  ADD CONSTRAINT memories_trust_check CHECK (trust BETWEEN 0 AND 1);

-- `partial`: changed some fields of the version before and kept the others. `restored_from`: repeats
-- that version, which is no repetition itself.
ALTER TABLE memory_versions
  ADD COLUMN written_by text,
  ADD COLUMN partial boolean NOT NULL DEFAULT false,
  ADD COLUMN restored_from integer;
CREATE INDEX memory_versions_written_by_idx ON memory_versions (tenant_id, written_by, memory_id);

-- Null: from before this, or two writers made the same link.
ALTER TABLE links ADD COLUMN written_by text;
CREATE INDEX links_written_by_idx ON links (tenant_id, written_by, id);

-- Writes of tokens in quarantine, in the order of their ids. Nothing is derived from one, so nothing
-- can find it; releasing it writes the memory. Counted among memories and bytes.
CREATE TABLE quarantined_writes (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  namespace text NOT NULL,
  coordinate text NOT NULL,
  written_by text NOT NULL,
  written_at timestamptz NOT NULL,
  snapshot jsonb NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX quarantined_writes_written_by_idx ON quarantined_writes (tenant_id, written_by, id);
ALTER TABLE quarantined_writes ALTER COLUMN tenant_id SET STATISTICS 0;
ALTER TABLE quarantined_writes ENABLE ROW LEVEL SECURITY;
ALTER TABLE quarantined_writes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON quarantined_writes TO soma_app
  USING (tenant_id = NULLIF(current_setting('app.tenant', true), '')::uuid)
  WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant', true), '')::uuid);
CREATE POLICY token_namespaces ON quarantined_writes AS RESTRICTIVE TO soma_scoped
  USING (namespace = ANY ((SELECT token_namespaces())::text[]))
  WITH CHECK (namespace = ANY ((SELECT token_namespaces())::text[]));
GRANT SELECT, INSERT, UPDATE, DELETE ON quarantined_writes TO soma_app;

CREATE TRIGGER note_added AFTER INSERT ON quarantined_writes REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION note_rows(1);
CREATE TRIGGER note_removed AFTER DELETE ON quarantined_writes REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION note_rows(1);
CREATE TRIGGER note_added_bytes AFTER INSERT ON quarantined_writes REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION note_bytes();
CREATE TRIGGER note_removed_bytes AFTER DELETE ON quarantined_writes REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION note_bytes();
CREATE TRIGGER note_changed_bytes AFTER UPDATE ON quarantined_writes
  REFERENCING OLD TABLE AS before NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION note_changed_bytes();
CREATE CONSTRAINT TRIGGER settle_usage AFTER INSERT OR DELETE OR UPDATE ON quarantined_writes
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION settle_usage();

ALTER TABLE deletions DROP CONSTRAINT deletions_kind_check;
ALTER TABLE deletions ADD CONSTRAINT deletions_kind_check
  CHECK (kind IN ('memory', 'memories', 'namespace', 'quarantine', 'tenant'));
