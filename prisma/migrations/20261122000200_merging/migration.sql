-- `never`: it is merged into no other memory, and no other into it.
ALTER TABLE memories ADD COLUMN dedup text NOT NULL DEFAULT 'allow'
  CONSTRAINT memories_dedup_check CHECK (dedup IN ('allow', 'never'));
ALTER TABLE archived_memories ADD COLUMN dedup text NOT NULL DEFAULT 'allow'
  CONSTRAINT archived_memories_dedup_check CHECK (dedup IN ('allow', 'never'));

-- A duplicate waits in the archive for as long as the memory that it was merged into is kept, there or
-- here: so no reference binds the two. How alike they were, and whose token merged them.
ALTER TABLE archived_memories
  ADD COLUMN merged_into uuid,
  ADD COLUMN merged_by text,
  ADD COLUMN cosine double precision,
  ADD COLUMN shared_words double precision,
  ALTER COLUMN purge_at DROP NOT NULL,
  ALTER COLUMN salience DROP NOT NULL,
  ADD CONSTRAINT archived_memories_reason_check CHECK (
    (merged_into IS NULL) = (purge_at IS NOT NULL) AND (merged_into IS NULL) = (salience IS NOT NULL));
CREATE INDEX archived_memories_merged_into_idx ON archived_memories (tenant_id, merged_into)
  WHERE merged_into IS NOT NULL;
