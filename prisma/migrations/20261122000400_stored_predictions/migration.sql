-- What the writer of a memory expects to happen; null when nothing was said. Sealed with the content,
-- and null then.
ALTER TABLE memories ADD COLUMN prediction text, ADD COLUMN sealed_prediction bytea;
ALTER TABLE memories ALTER COLUMN sealed_prediction SET STORAGE EXTERNAL;
ALTER TABLE archived_memories ADD COLUMN prediction text, ADD COLUMN sealed_prediction bytea;
ALTER TABLE archived_memories ALTER COLUMN sealed_prediction SET STORAGE EXTERNAL;

-- Who said what was expected. Null: nobody, or that was not recorded yet.
ALTER TABLE memory_feedback ADD COLUMN expected_from text
  CONSTRAINT memory_feedback_expected_from_check CHECK (expected_from IN ('feedback', 'memory', 'model'));
