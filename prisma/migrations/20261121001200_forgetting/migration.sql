-- How a tenant's memories fade, and when the next run is due. Null: only when it is asked for.
CREATE TABLE decay_policies (
  tenant_id uuid NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
  policy jsonb NOT NULL,
  updated_at timestamptz NOT NULL,
  next_run_at timestamptz
);
CREATE INDEX decay_policies_due_idx ON decay_policies (next_run_at) WHERE next_run_at IS NOT NULL;

-- While it stands its memory can be neither pruned, evicted, expired nor deleted: without a cascade,
-- no statement that would take the memory can end well, whichever code forgot to ask.
CREATE TABLE legal_holds (
  tenant_id uuid NOT NULL,
  memory_id uuid NOT NULL,
  reason text NOT NULL,
  placed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, memory_id),
  CONSTRAINT legal_holds_memory_fkey FOREIGN KEY (tenant_id, memory_id) REFERENCES memories (tenant_id, id)
);

-- What was said of the use of a memory; replayed in order it gives the importance. No text: what
-- happened instead of what was expected is a memory of its own.
CREATE TABLE memory_feedback (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  memory_id uuid NOT NULL,
  namespace text NOT NULL,
  reward double precision NOT NULL CONSTRAINT memory_feedback_reward_check CHECK (reward BETWEEN -1 AND 1),
  correct boolean,
  learning_rate double precision NOT NULL,
  importance_before double precision NOT NULL,
  importance_after double precision NOT NULL
    CONSTRAINT memory_feedback_importance_check CHECK (importance_after BETWEEN 0 AND 1),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX memory_feedback_memory_id_idx ON memory_feedback (tenant_id, memory_id, id);

-- Keys that decayed away: `version` is the last that has them. They are struck from the versions when
-- the time to restore them is over.
CREATE TABLE decayed_fields (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  memory_id uuid NOT NULL,
  namespace text NOT NULL,
  version integer NOT NULL,
  payload_keys text[] NOT NULL,
  metadata_keys text[] NOT NULL,
  archived_at timestamptz NOT NULL,
  purge_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX decayed_fields_memory_id_idx ON decayed_fields (tenant_id, memory_id);
CREATE INDEX decayed_fields_purge_at_idx ON decayed_fields (tenant_id, purge_at);

-- Pruned memories, as they were; no search, read or count looks here.
CREATE TABLE archived_memories (
  LIKE memories INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE,
  archived_at timestamptz NOT NULL,
  purge_at timestamptz NOT NULL,
  salience double precision NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE CASCADE
);
CREATE INDEX archived_memories_namespace_idx ON archived_memories (tenant_id, namespace, archived_at, id);
CREATE INDEX archived_memories_purge_at_idx ON archived_memories (tenant_id, purge_at);
CREATE TABLE archived_versions (
  LIKE memory_versions INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE,
  PRIMARY KEY (tenant_id, memory_id, version),
  FOREIGN KEY (tenant_id, memory_id) REFERENCES archived_memories (tenant_id, id) ON DELETE CASCADE
);
CREATE TABLE archived_embeddings (
  LIKE embeddings INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE,
  PRIMARY KEY (tenant_id, memory_id, model),
  FOREIGN KEY (tenant_id, memory_id) REFERENCES archived_memories (tenant_id, id) ON DELETE CASCADE
);
-- At least one end is archived; the other may be archived too, in its turn.
CREATE TABLE archived_links (
  LIKE links INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE CASCADE
);
CREATE INDEX archived_links_from_id_idx ON archived_links (tenant_id, from_id);
CREATE INDEX archived_links_to_id_idx ON archived_links (tenant_id, to_id);

CREATE INDEX memories_expires_at_idx ON memories (tenant_id, expires_at) WHERE expires_at IS NOT NULL;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['decay_policies', 'legal_holds', 'memory_feedback', 'decayed_fields',
    'archived_memories', 'archived_versions', 'archived_embeddings', 'archived_links']
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
  FOREACH name IN ARRAY ARRAY['memory_feedback', 'decayed_fields', 'archived_memories',
    'archived_embeddings']
  LOOP
    EXECUTE format(
      'CREATE POLICY token_namespaces ON %I AS RESTRICTIVE TO soma_scoped
         USING (namespace = ANY ((SELECT token_namespaces())::text[]))
         WITH CHECK (namespace = ANY ((SELECT token_namespaces())::text[]))', name);
  END LOOP;
END
$$;
CREATE POLICY token_namespaces ON legal_holds AS RESTRICTIVE TO soma_scoped
  USING (EXISTS (SELECT 1 FROM memories m
                 WHERE m.tenant_id = legal_holds.tenant_id AND m.id = legal_holds.memory_id));
CREATE POLICY token_namespaces ON archived_versions AS RESTRICTIVE TO soma_scoped
  USING (EXISTS (SELECT 1 FROM archived_memories m
                 WHERE m.tenant_id = archived_versions.tenant_id
                   AND m.id = archived_versions.memory_id));
-- A link is of both its ends: only whole tenants archive and restore, so none of these need be seen.
CREATE POLICY token_namespaces ON archived_links AS RESTRICTIVE TO soma_scoped USING (false);

-- Whose turn it is; nothing of a memory.
GRANT SELECT, UPDATE (next_run_at) ON decay_policies TO soma_system;
CREATE POLICY system_access ON decay_policies TO soma_system USING (true) WITH CHECK (true);

-- Answers with lists of memories, or with one inside another, tell of them too.
CREATE OR REPLACE FUNCTION memories_of_answer(answer jsonb) RETURNS TABLE (memory_id uuid)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT DISTINCT (found.id #>> '{}')::uuid
  FROM (
    SELECT jsonb_path_query(answer, 'lax $.**{0 to 3}.id') AS id
    UNION ALL SELECT jsonb_path_query(answer, 'lax $.from_id')
    UNION ALL SELECT jsonb_path_query(answer, 'lax $.to_id')
  ) found
  WHERE found.id #>> '{}' ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
$$;
