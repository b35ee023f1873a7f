import type { PrismaClient } from '../generated/client.js';

interface LoginRights {
  login: string;
  superuser: boolean;
  bypasses: boolean;
  owns: boolean;
  member: boolean;
}

/**
 * Refuses a login for which row-level security would be no wall: a superuser, one with BYPASSRLS,
 * or the owner of a table. Also refuses one that cannot take the service's roles.
 */
export async function assertRoleIsBound(client: PrismaClient): Promise<void> {
  const [rights] = await client.$queryRaw<LoginRights[]>`
    SELECT r.rolname AS login, r.rolsuper AS superuser, r.rolbypassrls AS bypasses,
           EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname = 'public' AND pg_has_role(r.oid, c.relowner, 'MEMBER')) AS owns,
           (SELECT count(*) = 2 FROM pg_roles s WHERE s.rolname IN ('soma_app', 'soma_system')
              AND pg_has_role(r.oid, s.oid, 'MEMBER')) AS member
    FROM pg_roles r WHERE r.rolname = session_user`;
  if (!rights) throw new Error('The database did not say who is logged in.');
  const faults = [
    rights.superuser && 'is a superuser',
    rights.bypasses && 'has BYPASSRLS',
    rights.owns && 'owns tables',
    !rights.member && 'is not a member of soma_app and soma_system',
  ].filter((fault) => fault !== false);
  if (faults.length === 0) return;
  throw new Error(
    `The login "${rights.login}" of SOMA_POSTGRES_URL ${faults.join(', ')}. Tenants would not be ` +
      'kept apart by the database, so the service does not start. Put the owner into ' +
      'SOMA_POSTGRES_OWNER_URL and run `npm run migrate`: it makes a bound login of the name and ' +
      'password in SOMA_POSTGRES_URL.',
  );
}
