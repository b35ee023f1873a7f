-- Roles. The owner (whoever runs this) makes tables; soma_app works inside one tenant under
-- row-level security; soma_system sees tenants, tokens and the outbox, and no memory.
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'soma_app') THEN
    CREATE ROLE soma_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'soma_system') THEN
    CREATE ROLE soma_system NOLOGIN NOSUPERUSER NOBYPASSRLS;
  END IF;
END
$$;

CREATE TABLE tenants (
  id uuid NOT NULL PRIMARY KEY,
  name text NOT NULL CONSTRAINT tenants_name_key UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE tokens (
  id text NOT NULL PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  name text NOT NULL,
  secret_hash bytea NOT NULL,
  scopes text[] NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX tokens_tenant_id_idx ON tokens (tenant_id, created_at);

CREATE TABLE memories (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  namespace text NOT NULL,
  coordinate text COLLATE "C" NOT NULL,
  coordinate_values double precision[] NOT NULL,
  memory_type text NOT NULL,
  tier integer NOT NULL DEFAULT 0,
  content text NOT NULL,
  payload jsonb NOT NULL,
  metadata jsonb NOT NULL,
  tags text[] NOT NULL,
  importance double precision NOT NULL,
  pinned boolean NOT NULL DEFAULT false,
  session_id text,
  speaker text,
  occurred_at timestamptz,
  expires_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  access_count integer NOT NULL DEFAULT 0,
  last_accessed_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT memories_coordinate_key UNIQUE (tenant_id, namespace, coordinate),
  CONSTRAINT memories_type_check CHECK (memory_type IN ('episodic', 'semantic', 'summary', 'procedural')),
  CONSTRAINT memories_importance_check CHECK (importance BETWEEN 0 AND 1)
);
CREATE INDEX memories_created_at_idx ON memories (tenant_id, namespace, created_at, id);
CREATE INDEX memories_updated_at_idx ON memories (tenant_id, namespace, updated_at, id);
CREATE INDEX memories_importance_idx ON memories (tenant_id, namespace, importance, id);

CREATE TABLE memory_versions (
  tenant_id uuid NOT NULL,
  memory_id uuid NOT NULL,
  version integer NOT NULL,
  snapshot jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, memory_id, version),
  FOREIGN KEY (tenant_id, memory_id) REFERENCES memories (tenant_id, id) ON DELETE CASCADE
);

-- indexed_at is 'infinity' until the vector index has the entry.
CREATE TABLE embeddings (
  tenant_id uuid NOT NULL,
  memory_id uuid NOT NULL,
  namespace text NOT NULL,
  entry_id uuid NOT NULL,
  model text NOT NULL,
  dimension integer NOT NULL,
  vector bytea NOT NULL,
  indexed_at timestamptz NOT NULL DEFAULT 'infinity',
  PRIMARY KEY (tenant_id, memory_id),
  CONSTRAINT embeddings_entry_id_key UNIQUE (tenant_id, entry_id),
  FOREIGN KEY (tenant_id, memory_id) REFERENCES memories (tenant_id, id) ON DELETE CASCADE
);
ALTER TABLE embeddings ALTER COLUMN vector SET STORAGE EXTERNAL;
CREATE INDEX embeddings_fresh_idx ON embeddings (tenant_id, namespace, indexed_at);

CREATE TABLE postings (
  tenant_id uuid NOT NULL,
  namespace text NOT NULL,
  lexeme text COLLATE "C" NOT NULL,
  memory_id uuid NOT NULL,
  term_frequency integer NOT NULL,
  length integer NOT NULL,
  PRIMARY KEY (tenant_id, namespace, lexeme, memory_id),
  FOREIGN KEY (tenant_id, memory_id) REFERENCES memories (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX postings_memory_id_idx ON postings (tenant_id, memory_id);

CREATE TABLE lexical_stats (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  namespace text NOT NULL,
  memories bigint NOT NULL,
  total_length bigint NOT NULL,
  PRIMARY KEY (tenant_id, namespace)
);

CREATE TABLE links (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  from_id uuid NOT NULL,
  to_id uuid NOT NULL,
  link_type text NOT NULL,
  strength double precision NOT NULL,
  metadata jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT links_edge_key UNIQUE (tenant_id, from_id, to_id, link_type),
  CONSTRAINT links_strength_check CHECK (strength BETWEEN 0 AND 1),
  FOREIGN KEY (tenant_id, from_id) REFERENCES memories (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, to_id) REFERENCES memories (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX links_to_id_idx ON links (tenant_id, to_id);

CREATE TABLE index_outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  operation text NOT NULL CONSTRAINT index_outbox_operation_check CHECK (operation IN ('insert', 'remove')),
  entry_id uuid NOT NULL,
  model text NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  available_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX index_outbox_available_at_idx ON index_outbox (available_at, id);
CREATE INDEX index_outbox_entry_id_idx ON index_outbox (entry_id, id);

CREATE TABLE idempotency_keys (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  key text NOT NULL,
  request_hash text NOT NULL,
  response jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);

-- Row-level security: without app.tenant set, no row is visible and none can be written.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['memories', 'memory_versions', 'embeddings', 'postings', 'lexical_stats',
                              'links', 'index_outbox', 'idempotency_keys']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY tenant_isolation ON %I TO soma_app
         USING (tenant_id = NULLIF(current_setting(''app.tenant'', true), '''')::uuid)
         WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant'', true), '''')::uuid)', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO soma_app', name);
  END LOOP;

  FOREACH name IN ARRAY ARRAY['tenants', 'tokens']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO soma_system', name);
    EXECUTE format('CREATE POLICY system_access ON %I TO soma_system USING (true) WITH CHECK (true)', name);
  END LOOP;
END
$$;

GRANT SELECT, UPDATE, DELETE ON index_outbox TO soma_system;
CREATE POLICY system_access ON index_outbox TO soma_system USING (true) WITH CHECK (true);
GRANT SELECT, DELETE ON idempotency_keys TO soma_system;
CREATE POLICY system_expiry ON idempotency_keys TO soma_system USING (created_at < now() - interval '24 hours');
