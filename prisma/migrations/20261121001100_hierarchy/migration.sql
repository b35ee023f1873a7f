-- The fractal hierarchy. Its nodes are memories that the service derives from others: of type `semantic` over
-- episodes, `summary` above. They have no versions and no words, and do not count against quotas.
ALTER TABLE memories ADD COLUMN derived boolean NOT NULL DEFAULT false;
CREATE INDEX memories_derived_idx ON memories (tenant_id, namespace, happened_at, id) WHERE derived;

-- Where the vectors of nodes stand, beside their namespace's: no search meets them that does not ask for
-- them. No name of a client ends with this sign, which Unicode's composition (NFC) replaces.
CREATE FUNCTION tree_partition(namespace text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT namespace || chr(8491) $$;
DROP POLICY token_namespaces ON embeddings;
CREATE POLICY token_namespaces ON embeddings AS RESTRICTIVE TO soma_scoped
  USING (rtrim(namespace, chr(8491)) = ANY ((SELECT token_namespaces())::text[]))
  WITH CHECK (rtrim(namespace, chr(8491)) = ANY ((SELECT token_namespaces())::text[]));

-- What a node stands on.
CREATE TABLE memory_sources (
  tenant_id uuid NOT NULL,
  node_id uuid NOT NULL,
  source_id uuid NOT NULL,
  source_version integer NOT NULL,
  weight double precision NOT NULL,
  position integer NOT NULL,
  PRIMARY KEY (tenant_id, node_id, source_id),
  FOREIGN KEY (tenant_id, node_id) REFERENCES memories (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, source_id) REFERENCES memories (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT memory_sources_weight_check CHECK (weight > 0 AND weight <= 1)
);
CREATE INDEX memory_sources_source_idx ON memory_sources (tenant_id, source_id, node_id);

-- What is grouped at each level above the episodes: nodes, and what went up alone. In the order of
-- `at`, `arrived`, `first_id`, which are those of the first episode below.
CREATE TABLE hierarchy_items (
  tenant_id uuid NOT NULL,
  namespace text NOT NULL,
  level integer NOT NULL,
  item_id uuid NOT NULL,
  version integer NOT NULL,
  at timestamptz NOT NULL,
  arrived timestamptz NOT NULL,
  first_id uuid NOT NULL,
  ends_at timestamptz NOT NULL,
  leaves integer NOT NULL,
  PRIMARY KEY (tenant_id, level, item_id),
  FOREIGN KEY (tenant_id, item_id) REFERENCES memories (tenant_id, id) ON DELETE CASCADE,
  CONSTRAINT hierarchy_items_level_check CHECK (level > 0)
);
CREATE INDEX hierarchy_items_order_idx ON hierarchy_items (tenant_id, namespace, level, at, arrived, first_id);
CREATE INDEX hierarchy_items_item_idx ON hierarchy_items (tenant_id, item_id);

-- Places whose surroundings are to be grouped anew: a row for each change, so that no two writers wait
-- for each other. It says when and in which session, and never which memory: that may be gone.
CREATE TABLE hierarchy_marks (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  namespace text NOT NULL,
  level integer NOT NULL,
  session_key bigint,
  at timestamptz NOT NULL,
  arrived timestamptz NOT NULL,
  marked_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX hierarchy_marks_order_idx
  ON hierarchy_marks (tenant_id, namespace, level, session_key, at, arrived, id);

-- Whose turn it is to consolidate a namespace.
CREATE TABLE hierarchy_turns (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  namespace text NOT NULL,
  holder uuid,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, namespace)
);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['memory_sources', 'hierarchy_items', 'hierarchy_marks', 'hierarchy_turns']
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
  FOREACH name IN ARRAY ARRAY['hierarchy_items', 'hierarchy_marks', 'hierarchy_turns']
  LOOP
    EXECUTE format(
      'CREATE POLICY token_namespaces ON %I AS RESTRICTIVE TO soma_scoped
         USING (namespace = ANY ((SELECT token_namespaces())::text[]))
         WITH CHECK (namespace = ANY ((SELECT token_namespaces())::text[]))', name);
  END LOOP;
END
$$;
-- A source is of its node's namespace.
CREATE POLICY token_namespaces ON memory_sources AS RESTRICTIVE TO soma_scoped
  USING (EXISTS (SELECT 1 FROM memories m
                 WHERE m.tenant_id = memory_sources.tenant_id AND m.id = memory_sources.node_id));

-- Whose namespaces are due, of all tenants.
GRANT SELECT (tenant_id, namespace, marked_at) ON hierarchy_marks TO soma_system;
CREATE POLICY system_read ON hierarchy_marks FOR SELECT TO soma_system USING (true);

-- Episodes that are not to be forgotten at a fixed time are consolidated: a digest would outlive the others.
CREATE FUNCTION is_consolidated(m memories) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT NOT m.derived AND m.memory_type = 'episodic' AND m.expires_at IS NULL
$$;

CREATE FUNCTION mark_memory() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(current_setting('app.tenant', true), '') = '' THEN
    RETURN NULL;
  END IF;
  IF TG_OP <> 'INSERT' AND is_consolidated(OLD) THEN
    INSERT INTO hierarchy_marks (tenant_id, namespace, level, session_key, at, arrived)
    VALUES (OLD.tenant_id, OLD.namespace, 0, OLD.session_key, OLD.happened_at, OLD.created_at);
  END IF;
  IF TG_OP <> 'DELETE' AND is_consolidated(NEW) AND (TG_OP = 'INSERT' OR NOT is_consolidated(OLD)
      OR OLD.session_key IS DISTINCT FROM NEW.session_key OR OLD.happened_at <> NEW.happened_at) THEN
    INSERT INTO hierarchy_marks (tenant_id, namespace, level, session_key, at, arrived)
    VALUES (NEW.tenant_id, NEW.namespace, 0, NEW.session_key, NEW.happened_at, NEW.created_at);
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER mark_written AFTER INSERT OR DELETE ON memories
  FOR EACH ROW EXECUTE FUNCTION mark_memory();
-- Reading a memory counts, and changes nothing of the hierarchy.
CREATE TRIGGER mark_changed AFTER UPDATE ON memories
  FOR EACH ROW WHEN (OLD.version IS DISTINCT FROM NEW.version) EXECUTE FUNCTION mark_memory();

-- Quotas are of what the tenant stored.
CREATE FUNCTION note_memories() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_usage(1, CASE TG_OP WHEN 'DELETE' THEN -1 ELSE 1 END
    * (SELECT count(*) FROM changed WHERE NOT derived));
  RETURN NULL;
END
$$;
CREATE FUNCTION note_vectors() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_usage(3, CASE TG_OP WHEN 'DELETE' THEN -1 ELSE 1 END
    * (SELECT count(*) FROM changed WHERE namespace = rtrim(namespace, chr(8491))));
  RETURN NULL;
END
$$;
DO $$
DECLARE
  counted record;
BEGIN
  FOR counted IN SELECT * FROM (VALUES ('memories', 'note_memories'), ('embeddings', 'note_vectors')) AS c (name, note)
  LOOP
    EXECUTE format('DROP TRIGGER note_added ON %I', counted.name);
    EXECUTE format('DROP TRIGGER note_removed ON %I', counted.name);
    EXECUTE format('CREATE TRIGGER note_added AFTER INSERT ON %I REFERENCING NEW TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION %I()', counted.name, counted.note);
    EXECUTE format('CREATE TRIGGER note_removed AFTER DELETE ON %I REFERENCING OLD TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION %I()', counted.name, counted.note);
  END LOOP;
END
$$;

-- What was stored before is to be consolidated too.
ALTER TABLE memories NO FORCE ROW LEVEL SECURITY;
ALTER TABLE hierarchy_marks NO FORCE ROW LEVEL SECURITY;
INSERT INTO hierarchy_marks (tenant_id, namespace, level, session_key, at, arrived)
SELECT m.tenant_id, m.namespace, 0, m.session_key, m.happened_at, m.created_at
FROM memories m WHERE is_consolidated(m);
ALTER TABLE memories FORCE ROW LEVEL SECURITY;
ALTER TABLE hierarchy_marks FORCE ROW LEVEL SECURITY;
