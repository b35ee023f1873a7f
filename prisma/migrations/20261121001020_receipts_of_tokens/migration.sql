-- Whose receipt it is, when a token that is kept to namespaces ordered the deletion: which namespaces it
-- was about must not outlive it. Null: of the whole tenant.
ALTER TABLE deletions ADD COLUMN ordered_by text;
