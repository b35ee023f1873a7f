-- A memory may say which fact it states (`slot`) and since when it is true in the world; without
-- `valid_from`, since it occurred.
ALTER TABLE memories
  ADD COLUMN slot text COLLATE "C",
  ADD COLUMN valid_from timestamptz,
  ADD CONSTRAINT memories_valid_from_check CHECK (valid_from IS NULL OR slot IS NOT NULL);
-- The archive has every column of what it takes in.
ALTER TABLE archived_memories
  ADD COLUMN slot text COLLATE "C",
  ADD COLUMN valid_from timestamptz,
  ADD CONSTRAINT memories_valid_from_check CHECK (valid_from IS NULL OR slot IS NOT NULL);

-- When each fact was true: derived from memories, one row for each that has a slot and has not expired.
-- `created_at` and `memory_id` order facts of one moment. The last of a slot is in force: nothing
-- supersedes it.
CREATE TABLE facts (
  tenant_id uuid NOT NULL,
  memory_id uuid NOT NULL,
  namespace text NOT NULL,
  slot text COLLATE "C" NOT NULL,
  valid_from timestamptz NOT NULL,
  valid_to timestamptz,
  superseded_by uuid,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  PRIMARY KEY (tenant_id, memory_id),
  CONSTRAINT facts_interval_check CHECK (
    (valid_to IS NULL) = (superseded_by IS NULL)),
  FOREIGN KEY (tenant_id, memory_id) REFERENCES memories (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX facts_slot_idx
  ON facts (tenant_id, namespace, slot, valid_from, created_at, memory_id);
-- Whether any fact stands before one: only from the oldest on are facts pruned.
CREATE INDEX facts_superseded_by_idx ON facts (tenant_id, superseded_by)
  WHERE superseded_by IS NOT NULL;
CREATE INDEX facts_expires_at_idx ON facts (expires_at) WHERE expires_at IS NOT NULL;
ALTER TABLE facts ALTER COLUMN tenant_id SET STATISTICS 0;
ALTER TABLE facts ENABLE ROW LEVEL SECURITY;
ALTER TABLE facts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON facts TO soma_app
  USING (tenant_id = NULLIF(current_setting('app.tenant', true), '')::uuid)
  WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant', true), '')::uuid);
CREATE POLICY token_namespaces ON facts AS RESTRICTIVE TO soma_scoped
  USING (namespace = ANY ((SELECT token_namespaces())::text[]))
  WITH CHECK (namespace = ANY ((SELECT token_namespaces())::text[]));
GRANT SELECT, INSERT, UPDATE, DELETE ON facts TO soma_app;

-- Whoever ends facts that have expired sees whose they are, and nothing of what they say.
GRANT SELECT (tenant_id, memory_id, expires_at) ON facts TO soma_system;
CREATE POLICY system_expiry ON facts FOR SELECT TO soma_system USING (expires_at <= now());

-- The vector of a superseded fact is kept, and is in no index.
ALTER TABLE embeddings ADD COLUMN superseded boolean NOT NULL DEFAULT false;
ALTER TABLE archived_embeddings ADD COLUMN superseded boolean NOT NULL DEFAULT false;

-- An answer tells of the memory that supersedes the one it is about, too.
CREATE OR REPLACE FUNCTION memories_of_answer(answer jsonb) RETURNS TABLE (memory_id uuid)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT DISTINCT (found.id #>> '{}')::uuid
  FROM (
    SELECT jsonb_path_query(answer, 'lax $.**{0 to 3}.id') AS id
    UNION ALL SELECT jsonb_path_query(answer, 'lax $.**{0 to 3}.superseded_by')
    UNION ALL SELECT jsonb_path_query(answer, 'lax $.from_id')
    UNION ALL SELECT jsonb_path_query(answer, 'lax $.to_id')
  ) found
  WHERE found.id #>> '{}' ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
$$;
