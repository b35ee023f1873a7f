-- Who did what to which thing, when, by which token, from where, with which result. Rows are appended in
-- the transaction of what they tell, without a number; a chainer numbers and hashes them afterwards, by
-- tenant. No role may change or delete one. A tenant's rows outlive the tenant, so there is no reference.
CREATE TABLE audit_events (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  sequence bigint,
  occurred_at timestamptz NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  target_kind text NOT NULL,
  target text NOT NULL,
  request_id text NOT NULL,
  source text NOT NULL,
  outcome text NOT NULL,
  details jsonb NOT NULL,
  previous_hash bytea,
  hash bytea,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT audit_events_sequence_key UNIQUE (tenant_id, sequence),
  CONSTRAINT audit_events_chain_check CHECK (
    num_nonnulls(sequence, previous_hash, hash) IN (0, 3) AND sequence > 0)
);
CREATE INDEX audit_events_unchained_idx ON audit_events (tenant_id, id) WHERE sequence IS NULL;

-- What was deleted: a receipt. `target` says what is still to be deleted, and is null once all is.
-- `removed_upto`: the last index task that must be done before nothing of it can be in the index.
CREATE TABLE deletions (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL CONSTRAINT deletions_kind_check
    CHECK (kind IN ('memory', 'memories', 'namespace', 'tenant')),
  status text NOT NULL DEFAULT 'deleting' CONSTRAINT deletions_status_check
    CHECK (status IN ('deleting', 'pending', 'verified', 'residue')),
  salt bytea NOT NULL,
  target jsonb,
  last_id uuid,
  memories integer NOT NULL DEFAULT 0,
  removed jsonb NOT NULL DEFAULT '{}',
  verification jsonb,
  removed_upto bigint,
  attempts integer NOT NULL DEFAULT 0,
  available_at timestamptz NOT NULL DEFAULT now(),
  requested_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  deleted_at timestamptz,
  verified_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX deletions_unfinished_idx ON deletions (available_at) WHERE status <> 'verified';
CREATE INDEX deletions_changed_at_idx ON deletions (changed_at);
CREATE INDEX deletions_tenants_idx ON deletions (tenant_id) WHERE kind = 'tenant';

-- The memories of a receipt. Only the hash is kept: the rest says what to look for, and goes when it
-- was looked for and not found.
CREATE TABLE deletion_memories (
  tenant_id uuid NOT NULL,
  deletion_id uuid NOT NULL,
  hash text COLLATE "C" NOT NULL,
  memory_id uuid,
  entry_id uuid,
  model text,
  namespace text,
  vector bytea,
  text_digests text[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, deletion_id, hash),
  FOREIGN KEY (tenant_id, deletion_id) REFERENCES deletions (tenant_id, id) ON DELETE CASCADE
);

-- Which memories an answer kept under an idempotency key tells of. An answer that tells of a deleted
-- one is deleted; the key stays, so that its request is not carried out a second time.
CREATE TABLE answered_memories (
  tenant_id uuid NOT NULL,
  key text NOT NULL,
  memory_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, key, memory_id),
  FOREIGN KEY (tenant_id, key) REFERENCES idempotency_keys (tenant_id, key) ON DELETE CASCADE
);
CREATE INDEX answered_memories_memory_id_idx ON answered_memories (tenant_id, memory_id);
ALTER TABLE idempotency_keys ADD COLUMN answer_deleted boolean NOT NULL DEFAULT false;

CREATE FUNCTION memories_of_answer(answer jsonb) RETURNS TABLE (memory_id uuid)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT DISTINCT (found.id #>> '{}')::uuid
  FROM (
    SELECT jsonb_path_query(answer, 'lax $.id') AS id
    UNION ALL SELECT jsonb_path_query(answer, 'lax $.from_id')
    UNION ALL SELECT jsonb_path_query(answer, 'lax $.to_id')
    UNION ALL SELECT jsonb_path_query(answer, 'lax $.results[*].memory.id')
  ) found
  WHERE found.id #>> '{}' ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
$$;
ALTER TABLE idempotency_keys NO FORCE ROW LEVEL SECURITY;
INSERT INTO answered_memories (tenant_id, key, memory_id)
SELECT k.tenant_id, k.key, m.memory_id
FROM idempotency_keys k, LATERAL memories_of_answer(k.response) m WHERE k.response IS NOT NULL;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;

-- A tenant that is being deleted: hidden, without name and tokens, until nothing of it is left.
ALTER TABLE tenants ADD COLUMN deleted_at timestamptz;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['audit_events', 'deletions', 'deletion_memories', 'answered_memories']
  LOOP
    EXECUTE format('ALTER TABLE %I ALTER COLUMN tenant_id SET STATISTICS 0', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY tenant_isolation ON %I TO soma_app
         USING (tenant_id = NULLIF(current_setting(''app.tenant'', true), '''')::uuid)
         WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant'', true), '''')::uuid)', name);
  END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON answered_memories TO soma_app;
GRANT SELECT, INSERT, UPDATE ON deletions, deletion_memories TO soma_app;
GRANT SELECT, INSERT, UPDATE ON deletions TO soma_system;
CREATE POLICY system_access ON deletions TO soma_system USING (true) WITH CHECK (true);

-- Nobody writes a number or a hash when appending, and no row that has them can be changed.
GRANT SELECT, INSERT (tenant_id, id, occurred_at, actor, action, target_kind, target, request_id, source,
  outcome, details) ON audit_events TO soma_app, soma_system;
GRANT UPDATE (sequence, previous_hash, hash) ON audit_events TO soma_system;
CREATE POLICY system_read ON audit_events FOR SELECT TO soma_system USING (true);
CREATE POLICY system_append ON audit_events FOR INSERT TO soma_system WITH CHECK (true);
CREATE POLICY system_chain ON audit_events FOR UPDATE TO soma_system
  USING (sequence IS NULL) WITH CHECK (sequence IS NOT NULL);
