-- A tenant that the statistics have not seen yet would be estimated at one row, and any index that
-- leads with tenant_id be scanned whole. Without statistics of the column, plans do not depend on
-- when a tenant came.
ALTER TABLE memories ALTER COLUMN tenant_id SET STATISTICS 0;
ALTER TABLE memory_versions ALTER COLUMN tenant_id SET STATISTICS 0;
ALTER TABLE embeddings ALTER COLUMN tenant_id SET STATISTICS 0;
ALTER TABLE postings ALTER COLUMN tenant_id SET STATISTICS 0;
ALTER TABLE links ALTER COLUMN tenant_id SET STATISTICS 0;
