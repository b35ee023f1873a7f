import type { PrismaClient } from '../generated/client.js';

interface LoginRights {
  login: string;
  superuser: boolean;
  bypasses: boolean;
  replicates: boolean;
  makes_roles: boolean;
  owns: boolean;
  owns_database: boolean;
  member: boolean;
  /** Roles it may take which row-level security does not bind, or by which it could get there. */
  ways_out: string[];
}

/**
 * Refuses a login for which row-level security would be no wall: a superuser; one with BYPASSRLS,
 * REPLICATION or CREATEROLE; the owner of a table or of the database; and one that may take a role
 * of such rights, or one that reads the server's files. Also refuses one that cannot take the
 * service's roles.
 */
export async function assertRoleIsBound(client: PrismaClient): Promise<void> {
  const [rights] = await client.$queryRaw<LoginRights[]>`
    SELECT r.rolname AS login, r.rolsuper AS superuser, r.rolbypassrls AS bypasses,
           r.rolreplication AS replicates, r.rolcreaterole AS makes_roles,
           EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname = 'public' AND pg_has_role(r.oid, c.relowner, 'MEMBER')) AS owns,
           EXISTS (SELECT 1 FROM pg_database d WHERE d.datname = current_database()
                   AND pg_has_role(r.oid, d.datdba, 'MEMBER')) AS owns_database,
           (SELECT count(*) = 3 FROM pg_roles s
            WHERE s.rolname IN ('soma_app', 'soma_scoped', 'soma_system')
              AND pg_has_role(r.oid, s.oid, 'MEMBER')) AS member,
           ARRAY(SELECT x.rolname::text FROM pg_roles x
                 WHERE x.oid <> r.oid AND NOT r.rolsuper AND pg_has_role(r.oid, x.oid, 'MEMBER')
                   AND (x.rolsuper OR x.rolbypassrls OR x.rolreplication OR x.rolcreaterole
                     OR x.rolname IN ('pg_read_server_files', 'pg_write_server_files',
                                      'pg_execute_server_program'))
                 ORDER BY 1) AS ways_out
    FROM pg_roles r WHERE r.rolname = session_user`;
  if (!rights) throw new Error('The database did not say who is logged in.');
  const faults = [
    rights.superuser && 'is a superuser',
    rights.bypasses && 'has BYPASSRLS',
    rights.replicates && !rights.superuser && 'has REPLICATION',
    rights.makes_roles && !rights.superuser && 'has CREATEROLE',
    rights.owns && 'owns tables',
    rights.owns_database && !rights.superuser && 'owns the database',
    rights.ways_out.length > 0 && `may become ${rights.ways_out.join(' and ')}`,
    !rights.member && 'is not a member of soma_app, soma_scoped and soma_system',
  ].filter((fault) => fault !== false);
  if (faults.length === 0) return;
  throw new Error(
    `The login "${rights.login}" of SOMA_POSTGRES_URL ${faults.join(', ')}. Tenants would not be ` +
      'kept apart by the database, so the service does not start. Put the owner into ' +
      'SOMA_POSTGRES_OWNER_URL and run `npm run migrate`: it makes a bound login of the name and ' +
      'password in SOMA_POSTGRES_URL, and lets it take the roles it needs.',
  );
}
