-- Whose turn it is to compare the vector index with this database: one row, for all processes.
CREATE TABLE reconcile_turn (
  id integer PRIMARY KEY CONSTRAINT reconcile_turn_id_check CHECK (id = 1),
  holder uuid,
  expires_at timestamptz NOT NULL DEFAULT '-infinity',
  finished_at timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO reconcile_turn (id) VALUES (1);

ALTER TABLE reconcile_turn ENABLE ROW LEVEL SECURITY;
ALTER TABLE reconcile_turn FORCE ROW LEVEL SECURITY;
GRANT SELECT, UPDATE ON reconcile_turn TO soma_system;
CREATE POLICY system_access ON reconcile_turn TO soma_system USING (true) WITH CHECK (true);
