-- What a tenant's use of models is counted under, one of SOMA_TENANT_CLASSES. Null: the first of them.
ALTER TABLE tenant_usage ADD COLUMN tenant_class text
  CHECK (tenant_class ~ '^[a-z][a-z0-9-]{0,31}$');
