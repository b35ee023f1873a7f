/**
 * Forced row-level security hides every row from the tables' owner too, and a dump by the owner would
 * be refused, or worse, be empty. So that a backup needs no login that bypasses row-level security,
 * each table has a policy by which its owner reads, and only in a session that has said
 * `soma.backup`. It says nothing about the service's roles, whose plans it does not touch. Made with
 * the migrations for whatever tables there are, so that no table can come without it.
 */
export const GRANT_OWNER_READS = `
DO $$
DECLARE
  name text;
BEGIN
  FOR name IN
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relrowsecurity
      AND pg_get_userbyid(c.relowner) = current_user AND NOT EXISTS (
        SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'owner_backup')
  LOOP
    EXECUTE format('CREATE POLICY owner_backup ON public.%I FOR SELECT TO CURRENT_USER
      USING (current_setting(''soma.backup'', true) = ''on'')', name);
  END LOOP;
END
$$`;

/** For a session that is to read every row as the owner. */
export const BACKUP_SETTING = { name: 'soma.backup', value: 'on' } as const;

/** Tables that would look empty to this login in a dump: row-level security hides their rows. */
export const HIDDEN_TABLES = `
SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relrowsecurity
  AND NOT (SELECT r.rolsuper OR r.rolbypassrls FROM pg_roles r WHERE r.rolname = current_user)
  AND NOT EXISTS (
    SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'owner_backup'
      AND (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user) = ANY (p.polroles))
ORDER BY 1`;
