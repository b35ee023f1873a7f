-- What the last comparison of the vector index with this database found: one row, the operator's.
CREATE TABLE reconcile_report (
  id integer PRIMARY KEY CONSTRAINT reconcile_report_id_check CHECK (id = 1),
  report jsonb NOT NULL
);

ALTER TABLE reconcile_report ENABLE ROW LEVEL SECURITY;
ALTER TABLE reconcile_report FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON reconcile_report TO soma_system;
CREATE POLICY system_access ON reconcile_report TO soma_system USING (true) WITH CHECK (true);
