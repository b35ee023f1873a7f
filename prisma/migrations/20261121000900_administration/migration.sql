-- A suspended tenant's tokens are refused. A token may be kept to namespaces (null: all of them), and
-- its last secret stays good for a while after a new one was made.
ALTER TABLE tenants ADD COLUMN suspended_at timestamptz;
ALTER TABLE tokens
  ADD COLUMN namespaces jsonb,
  ADD COLUMN rotated_at timestamptz,
  ADD COLUMN previous_hash bytea,
  ADD COLUMN previous_until timestamptz,
  ADD CONSTRAINT tokens_namespaces_check CHECK (jsonb_typeof(namespaces) = 'array'),
  ADD CONSTRAINT tokens_previous_check CHECK ((previous_hash IS NULL) = (previous_until IS NULL));

-- Work under a token that is kept to namespaces takes this role. As a member of soma_app it has that
-- role's grants and policies; what narrows them to the namespaces is its own, so that plans of
-- everybody else stay as they are.
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'soma_scoped') THEN
    CREATE ROLE soma_scoped NOLOGIN NOSUPERUSER NOBYPASSRLS;
  END IF;
  IF NOT pg_has_role('soma_scoped', 'soma_app', 'USAGE') THEN
    GRANT soma_app TO soma_scoped;
  END IF;
END
$$;

-- Of the token at work; none while nothing is set.
CREATE FUNCTION token_namespaces() RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(n.name), '{}')
  FROM jsonb_array_elements_text(
    coalesce(NULLIF(current_setting('app.namespaces', true), ''), '[]')::jsonb) AS n (name)
$$;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['memories', 'embeddings', 'postings', 'lexical_stats', 'session_stats']
  LOOP
    EXECUTE format(
      'CREATE POLICY token_namespaces ON %I AS RESTRICTIVE TO soma_scoped
         USING (namespace = ANY ((SELECT token_namespaces())::text[]))
         WITH CHECK (namespace = ANY ((SELECT token_namespaces())::text[]))', name);
  END LOOP;
END
$$;

-- A version is written in the statement that writes its memory, where a check could not see that yet.
CREATE POLICY token_namespaces ON memory_versions AS RESTRICTIVE TO soma_scoped
  USING (EXISTS (SELECT 1 FROM memories m
                 WHERE m.tenant_id = memory_versions.tenant_id AND m.id = memory_versions.memory_id))
  WITH CHECK (true);

-- A link is of both its ends.
CREATE POLICY token_namespaces ON links AS RESTRICTIVE TO soma_scoped
  USING (EXISTS (SELECT 1 FROM memories m
                 WHERE m.tenant_id = links.tenant_id AND m.id = links.from_id)
     AND EXISTS (SELECT 1 FROM memories m
                 WHERE m.tenant_id = links.tenant_id AND m.id = links.to_id));

-- A lock has no namespace but the first part of its name.
CREATE POLICY token_namespaces ON locks AS RESTRICTIVE TO soma_scoped
  USING (split_part(name, '/', 1) = ANY ((SELECT token_namespaces())::text[]));
