-- Encryption at rest. What is sealed stands in columns of its own, and the plain column is empty then.

CREATE TABLE tenant_keys (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  version integer NOT NULL,
  wrapped text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, version),
  CONSTRAINT tenant_keys_version_check CHECK (version > 0)
);

-- fields: what writes seal. held: what stored rows may hold sealed. key_version 0: no key.
CREATE TABLE tenant_encryption (
  tenant_id uuid NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
  fields text[] NOT NULL,
  held text[] NOT NULL,
  key_version integer NOT NULL,
  revision integer NOT NULL,
  applied boolean NOT NULL,
  destroyed_at timestamptz,
  CONSTRAINT tenant_encryption_held_check CHECK (held @> fields)
);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['tenant_keys', 'tenant_encryption']
  LOOP
    EXECUTE format('ALTER TABLE %I ALTER COLUMN tenant_id SET STATISTICS 0', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY tenant_isolation ON %I TO soma_app
         USING (tenant_id = NULLIF(current_setting(''app.tenant'', true), '''')::uuid)
         WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant'', true), '''')::uuid)', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO soma_app', name);
  END LOOP;
END
$$;

ALTER TABLE memories
  ADD COLUMN sealed_content bytea,
  ADD COLUMN sealed_payload bytea,
  ADD COLUMN sealed_metadata bytea;
ALTER TABLE memories ALTER COLUMN sealed_content SET STORAGE EXTERNAL,
  ALTER COLUMN sealed_payload SET STORAGE EXTERNAL,
  ALTER COLUMN sealed_metadata SET STORAGE EXTERNAL;
ALTER TABLE links ADD COLUMN sealed_metadata bytea;
ALTER TABLE idempotency_keys ADD COLUMN sealed_response bytea;

-- What writes of a tenant have to seal, held as it is until the transaction ends: a change takes the
-- lock alone. Two statements, so that the second sees what was committed while the first waited.
CREATE FUNCTION encryption_for_write(tenant uuid)
RETURNS SETOF tenant_encryption
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtext(tenant::text), 64);
  RETURN QUERY SELECT * FROM tenant_encryption WHERE tenant_id = tenant;
END
$$;
