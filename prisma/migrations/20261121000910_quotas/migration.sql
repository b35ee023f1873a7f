-- What a tenant keeps, counted in the transaction that changes it, and how much it may keep.
-- A limit that is null is the service's default; 0 is none. `bytes` are those of every version.
CREATE TABLE tenant_usage (
  tenant_id uuid NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
  memories bigint NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  vectors bigint NOT NULL DEFAULT 0,
  links bigint NOT NULL DEFAULT 0,
  max_memories bigint,
  max_bytes bigint,
  max_vectors bigint,
  max_links bigint,
  max_embeddings_per_day bigint,
  policy text,
  CONSTRAINT tenant_usage_policy_check CHECK (policy IN ('reject', 'evict'))
) WITH (fillfactor = 50);

CREATE TABLE usage_days (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  day date NOT NULL,
  requests bigint NOT NULL DEFAULT 0,
  searches bigint NOT NULL DEFAULT 0,
  embedding_calls bigint NOT NULL DEFAULT 0,
  embedded_texts bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, day)
);

-- Rates are asked for with the token.
ALTER TABLE tenants
  ADD COLUMN max_requests_per_second integer,
  ADD COLUMN max_requests_per_day integer;
ALTER TABLE tokens
  ADD COLUMN max_requests_per_second integer,
  ADD COLUMN max_requests_per_day integer;

-- What was stored before.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['tenants', 'memories', 'memory_versions', 'embeddings', 'links'] LOOP
    EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', name);
  END LOOP;
  INSERT INTO tenant_usage (tenant_id, memories, bytes, vectors, links)
  SELECT t.id,
    (SELECT count(*) FROM memories m WHERE m.tenant_id = t.id),
    (SELECT coalesce(sum(octet_length(v.snapshot::text)), 0) FROM memory_versions v
     WHERE v.tenant_id = t.id),
    (SELECT count(*) FROM embeddings e WHERE e.tenant_id = t.id),
    (SELECT count(*) FROM links l WHERE l.tenant_id = t.id)
  FROM tenants t;
  FOREACH name IN ARRAY ARRAY['tenants', 'memories', 'memory_versions', 'embeddings', 'links'] LOOP
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['tenant_usage', 'usage_days'] LOOP
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

-- Counting is two steps, so that the row which all writers of a tenant share is held for the commit
-- alone: each statement notes what it changed in a setting of its transaction, and the first of the
-- deferred triggers, which run at the commit, brings the sum into the row. Being triggers, they
-- count whoever writes: a cascade, a repair, a restore.
CREATE FUNCTION note_usage(place integer, change bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  noted bigint[];
BEGIN
  IF change = 0 OR coalesce(current_setting('app.tenant', true), '') = '' THEN
    RETURN;
  END IF;
  noted := coalesce(NULLIF(current_setting('app.usage', true), ''), '{0,0,0,0}')::bigint[];
  noted[place] := noted[place] + change;
  PERFORM set_config('app.usage', noted::text, true);
END
$$;

CREATE FUNCTION note_rows() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_usage(TG_ARGV[0]::integer,
    CASE TG_OP WHEN 'DELETE' THEN -1 ELSE 1 END * (SELECT count(*) FROM changed));
  RETURN NULL;
END
$$;

CREATE FUNCTION note_bytes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_usage(2, CASE TG_OP WHEN 'DELETE' THEN -1 ELSE 1 END
    * (SELECT coalesce(sum(octet_length(c.snapshot::text)), 0) FROM changed c)::bigint);
  RETURN NULL;
END
$$;

CREATE FUNCTION note_changed_bytes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM note_usage(2, (
    (SELECT coalesce(sum(octet_length(c.snapshot::text)), 0) FROM changed c)
    - (SELECT coalesce(sum(octet_length(b.snapshot::text)), 0) FROM before b))::bigint);
  RETURN NULL;
END
$$;

-- Raises SM507 for a change that grows what is above its limit.
CREATE FUNCTION settle_usage() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  noted bigint[] := NULLIF(current_setting('app.usage', true), '')::bigint[];
  defaults bigint[] :=
    coalesce(NULLIF(current_setting('app.quotas', true), ''), '{0,0,0,0}')::bigint[];
  owner uuid := NULLIF(current_setting('app.tenant', true), '')::uuid;
  now_used tenant_usage;
  used bigint[];
  most bigint[];
BEGIN
  IF noted IS NULL OR owner IS NULL THEN
    RETURN NULL;
  END IF;
  UPDATE tenant_usage u SET memories = u.memories + noted[1], bytes = u.bytes + noted[2],
    vectors = u.vectors + noted[3], links = u.links + noted[4]
  WHERE u.tenant_id = owner RETURNING * INTO now_used;
  IF NOT FOUND THEN
    -- Gone with the tenant.
    IF greatest(noted[1], noted[2], noted[3], noted[4]) <= 0 THEN
      RETURN NULL;
    END IF;
    INSERT INTO tenant_usage AS u (tenant_id, memories, bytes, vectors, links)
    VALUES (owner, noted[1], noted[2], noted[3], noted[4])
    ON CONFLICT (tenant_id) DO UPDATE SET memories = u.memories + excluded.memories,
      bytes = u.bytes + excluded.bytes, vectors = u.vectors + excluded.vectors,
      links = u.links + excluded.links
    RETURNING * INTO now_used;
  END IF;
  PERFORM set_config('app.usage', '', true);
  used := ARRAY[now_used.memories, now_used.bytes, now_used.vectors, now_used.links];
  most := ARRAY[now_used.max_memories, now_used.max_bytes, now_used.max_vectors, now_used.max_links];
  FOR place IN 1 .. 4 LOOP
    most[place] := coalesce(most[place], defaults[place]);
    IF noted[place] > 0 AND most[place] > 0 AND used[place] > most[place] THEN
      RAISE EXCEPTION 'A quota is exceeded.' USING ERRCODE = 'SM507', DETAIL = json_build_object(
        'place', place, 'limit', most[place], 'used', used[place] - noted[place],
        'adds', noted[place], 'policy', now_used.policy)::text;
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;

DO $$
DECLARE
  counted record;
BEGIN
  FOR counted IN SELECT * FROM (VALUES ('memories', 1), ('embeddings', 3), ('links', 4)) AS c (name, place)
  LOOP
    EXECUTE format('CREATE TRIGGER note_added AFTER INSERT ON %I REFERENCING NEW TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION note_rows(%s)', counted.name, counted.place);
    EXECUTE format('CREATE TRIGGER note_removed AFTER DELETE ON %I REFERENCING OLD TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION note_rows(%s)', counted.name, counted.place);
  END LOOP;
  FOR counted IN
    SELECT * FROM (VALUES ('memories'), ('memory_versions'), ('embeddings'), ('links')) AS c (name)
  LOOP
    EXECUTE format('CREATE CONSTRAINT TRIGGER settle_usage AFTER INSERT OR DELETE ON %I
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION settle_usage()', counted.name);
  END LOOP;
END
$$;
CREATE TRIGGER note_added AFTER INSERT ON memory_versions REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION note_bytes();
CREATE TRIGGER note_removed AFTER DELETE ON memory_versions REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION note_bytes();
CREATE TRIGGER note_changed AFTER UPDATE ON memory_versions
  REFERENCING OLD TABLE AS before NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION note_changed_bytes();
CREATE CONSTRAINT TRIGGER settle_changed_usage AFTER UPDATE ON memory_versions
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION settle_usage();
