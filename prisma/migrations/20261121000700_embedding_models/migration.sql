-- The embedding models that memories have, or get, a vector of each: one is active, which searches
-- compare; another may be built beside it, or be kept for a way back. See docs/embedding-models.md.
CREATE TABLE embedding_models (
  model text NOT NULL PRIMARY KEY,
  state text NOT NULL CONSTRAINT embedding_models_state_check CHECK (state IN
    ('building', 'refused', 'ready', 'switching', 'active', 'retired', 'dropping', 'dropped')),
  served boolean NOT NULL DEFAULT false,
  switch_when_ready boolean NOT NULL DEFAULT true,
  memories bigint NOT NULL DEFAULT 0,
  vectors bigint NOT NULL DEFAULT 0,
  recall double precision,
  detail text,
  leased_by uuid,
  leased_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX embedding_models_active_idx ON embedding_models (state) WHERE state = 'active';

-- Searches and writes of every tenant read which models there are; nothing of a tenant is in it.
ALTER TABLE embedding_models ENABLE ROW LEVEL SECURITY;
ALTER TABLE embedding_models FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON embedding_models TO soma_system;
CREATE POLICY system_access ON embedding_models TO soma_system USING (true) WITH CHECK (true);
GRANT SELECT (model, state) ON embedding_models TO soma_app;
CREATE POLICY names_for_all ON embedding_models FOR SELECT TO soma_app USING (true);

-- A memory has one vector of each model.
ALTER TABLE embeddings DROP CONSTRAINT embeddings_pkey,
  ADD PRIMARY KEY (tenant_id, memory_id, model);
DROP INDEX embeddings_fresh_idx;
CREATE INDEX embeddings_fresh_idx ON embeddings (tenant_id, namespace, model, indexed_at);
DROP INDEX index_outbox_embed_idx;
CREATE INDEX index_outbox_embed_idx ON index_outbox (model, available_at, id)
  WHERE operation = 'embed';

-- What was stored before: the model of most vectors is the active one; memories without a vector of
-- it, which no search by meaning found any more, get one; vectors of other models go.
ALTER TABLE memories NO FORCE ROW LEVEL SECURITY;
ALTER TABLE embeddings NO FORCE ROW LEVEL SECURITY;
ALTER TABLE index_outbox NO FORCE ROW LEVEL SECURITY;
ALTER TABLE embedding_models NO FORCE ROW LEVEL SECURITY;
INSERT INTO embedding_models (model, state, served)
SELECT model, CASE row_number() OVER (ORDER BY count(*) DESC, model) WHEN 1 THEN 'active'
  ELSE 'dropping' END, true
FROM embeddings GROUP BY model;
INSERT INTO index_outbox (tenant_id, operation, entry_id, model)
SELECT m.tenant_id, 'embed', m.id, a.model
FROM memories m CROSS JOIN embedding_models a
WHERE a.state = 'active'
  AND NOT EXISTS (SELECT 1 FROM embeddings e
    WHERE e.tenant_id = m.tenant_id AND e.memory_id = m.id AND e.model = a.model)
  AND NOT EXISTS (SELECT 1 FROM index_outbox o
    WHERE o.operation = 'embed' AND o.entry_id = m.id);
ALTER TABLE embedding_models FORCE ROW LEVEL SECURITY;
ALTER TABLE index_outbox FORCE ROW LEVEL SECURITY;
ALTER TABLE embeddings FORCE ROW LEVEL SECURITY;
ALTER TABLE memories FORCE ROW LEVEL SECURITY;
