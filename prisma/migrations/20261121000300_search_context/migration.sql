-- What search needs to see a memory among its surroundings: its place in a session, its length,
-- the sessions of a namespace, and the language its words are stemmed by.

-- Lexemes of a text with how often each occurs. Han, kana, Hangul and emoji have no spaces to split at:
-- such a run gives its pairs of characters and, for a text that is stored (`alone`), each character
-- by itself; a query gives a single character only where the run is no longer.
CREATE FUNCTION lexemes_of(language regconfig, content text, alone boolean)
RETURNS TABLE (lexeme text, frequency integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT w.lexeme, cardinality(w.positions)
  FROM unnest(to_tsvector(language, regexp_replace(content,
    '[\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\u2600-\u27bf\U0001f300-\U0001faff\U00020000-\U0003ffff]+',
    ' ', 'g'))) AS w
  WHERE octet_length(w.lexeme) <= 256
  UNION ALL
  SELECT g.gram, count(*)::integer
  FROM (
    SELECT c.letter, lead(c.letter) OVER following AS after, lag(c.letter) OVER following AS before
    FROM regexp_matches(content,
        '([\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\u2600-\u27bf\U0001f300-\U0001faff\U00020000-\U0003ffff]+)',
        'g') WITH ORDINALITY AS run (text, number),
      unnest(string_to_array(run.text[1], NULL)) WITH ORDINALITY AS c (letter, place)
    WINDOW following AS (PARTITION BY run.number ORDER BY c.place)
  ) letters,
  LATERAL (
    SELECT letters.letter WHERE alone OR (letters.after IS NULL AND letters.before IS NULL)
    UNION ALL SELECT letters.letter || letters.after WHERE letters.after IS NOT NULL
  ) g (gram)
  GROUP BY g.gram
$$;

-- Which session a memory is of, as a number that fits a double; no two sessions of a namespace share one but by a
-- chance of 1 in 2^52.
CREATE FUNCTION session_key_of(session_id text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT hashtextextended(session_id, 0) & 4503599627370495
$$;

ALTER TABLE memories NO FORCE ROW LEVEL SECURITY;
ALTER TABLE postings NO FORCE ROW LEVEL SECURITY;
ALTER TABLE lexical_stats NO FORCE ROW LEVEL SECURITY;

ALTER TABLE memories
  ADD COLUMN lexemes integer NOT NULL DEFAULT 0,
  ADD COLUMN session_key bigint GENERATED ALWAYS AS (session_key_of(session_id)) STORED,
  ADD COLUMN happened_at timestamptz GENERATED ALWAYS AS (coalesce(occurred_at, created_at)) STORED;
CREATE INDEX memories_session_idx
  ON memories (tenant_id, namespace, session_key, happened_at, created_at, id);

ALTER TABLE postings ADD COLUMN session_key bigint;
-- All that search reads of a posting is in its index.
ALTER TABLE postings DROP CONSTRAINT postings_pkey,
  ADD PRIMARY KEY (tenant_id, namespace, lexeme, memory_id)
  INCLUDE (term_frequency, length, session_key);
ALTER TABLE lexical_stats ADD COLUMN language text NOT NULL DEFAULT 'english';

CREATE TABLE session_stats (
  tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  namespace text NOT NULL,
  session_key bigint NOT NULL,
  memories bigint NOT NULL,
  total_length bigint NOT NULL,
  started_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, namespace, session_key)
);
ALTER TABLE session_stats ALTER COLUMN tenant_id SET STATISTICS 0;
ALTER TABLE session_stats ENABLE ROW LEVEL SECURITY;
ALTER TABLE session_stats FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON session_stats TO soma_app
  USING (tenant_id = NULLIF(current_setting('app.tenant', true), '')::uuid)
  WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON session_stats TO soma_app;

-- What was stored before.
DELETE FROM postings;
WITH words AS MATERIALIZED (
  SELECT m.tenant_id, m.namespace, m.id, m.session_key, w.lexeme, w.frequency,
    sum(w.frequency) OVER (PARTITION BY m.tenant_id, m.id) AS length
  FROM memories m, LATERAL lexemes_of('pg_catalog.english', m.content, true) w
), counted AS (
  UPDATE memories m SET lexemes = w.length
  FROM (SELECT DISTINCT tenant_id, id, length FROM words) w
  WHERE m.tenant_id = w.tenant_id AND m.id = w.id
)
INSERT INTO postings (tenant_id, namespace, lexeme, memory_id, term_frequency, length, session_key)
SELECT tenant_id, namespace, lexeme, id, frequency, length, session_key FROM words;
INSERT INTO postings (tenant_id, namespace, lexeme, memory_id, term_frequency, length, session_key)
SELECT m.tenant_id, m.namespace, '#' || lower(t.tag), m.id, count(*), m.lexemes, m.session_key
FROM memories m, unnest(m.tags) AS t (tag)
GROUP BY m.tenant_id, m.namespace, lower(t.tag), m.id;
UPDATE lexical_stats s SET total_length = coalesce(
  (SELECT sum(m.lexemes) FROM memories m
   WHERE m.tenant_id = s.tenant_id AND m.namespace = s.namespace), 0);
ALTER TABLE session_stats NO FORCE ROW LEVEL SECURITY;
INSERT INTO session_stats (tenant_id, namespace, session_key, memories, total_length, started_at)
SELECT m.tenant_id, m.namespace, m.session_key, count(*), sum(m.lexemes), min(m.happened_at)
FROM memories m WHERE m.session_key IS NOT NULL
GROUP BY m.tenant_id, m.namespace, m.session_key;

ALTER TABLE session_stats FORCE ROW LEVEL SECURITY;
ALTER TABLE memories FORCE ROW LEVEL SECURITY;
ALTER TABLE postings FORCE ROW LEVEL SECURITY;
ALTER TABLE lexical_stats FORCE ROW LEVEL SECURITY;
