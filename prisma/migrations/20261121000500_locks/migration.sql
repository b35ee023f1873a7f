-- Locks of agents. A row stays when its lock is free: the fencing token must never be given twice.
-- lease_hash, owner and expires_at are of the last lease, and null once it was released.
CREATE TABLE locks (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  name text NOT NULL,
  fencing_token bigint NOT NULL,
  lease_hash text,
  owner text,
  expires_at timestamptz,
  PRIMARY KEY (tenant_id, name),
  CONSTRAINT locks_fencing_token_check CHECK (fencing_token > 0),
  CONSTRAINT locks_lease_check CHECK ((lease_hash IS NULL) = (expires_at IS NULL))
);
ALTER TABLE locks ALTER COLUMN tenant_id SET STATISTICS 0;
ALTER TABLE locks ENABLE ROW LEVEL SECURITY;
ALTER TABLE locks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON locks TO soma_app
  USING (tenant_id = NULLIF(current_setting('app.tenant', true), '')::uuid)
  WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON locks TO soma_app;
