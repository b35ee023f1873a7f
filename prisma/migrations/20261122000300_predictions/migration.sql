-- The model that predicted what was expected, when nobody said it. The prediction itself is not kept.
ALTER TABLE memory_feedback ADD COLUMN predicted_by text;
