import { randomUUID } from 'node:crypto';
import { parseConfig } from '@soma/config';
import { type Database, migratePostgres, openDatabase } from '@soma/persistence';
import { isolationContract } from '../contract/isolation.contract.js';
import { TENANT_TABLES } from '../contract/isolation.rows.js';
import { migratedSchemaContract } from '../contract/migrated-schema.contract.js';
import { ask, createOwnDatabase, openOwnDatabase, type OwnDatabase } from './own-database.js';

let own: OwnDatabase;

const openAs = (url: string): Promise<Database> =>
  openDatabase(parseConfig({ SOMA_POSTGRES_URL: url }));

beforeAll(async () => {
  own = await createOwnDatabase();
  await migratePostgres(own.ownerUrl, own.serviceUrl);
});
afterAll(() => own.drop());

describe('isolation in PostgreSQL', () => {
  isolationContract({ open: () => openOwnDatabase(own), reads: 20_000, atOnce: 32 });
});

describe('the migrated PostgreSQL database', () => {
  migratedSchemaContract(() => openOwnDatabase(own));
});

describe('a connection that did not come by the door', () => {
  const tenant = randomUUID();
  const ids = { tenant, memory: randomUUID(), entry: randomUUID(), link: randomUUID() };

  beforeAll(async () => {
    const rows = TENANT_TABLES.map(({ insert }) => insert(tenant, ids, 'mark'));
    const addTenant = `INSERT INTO tenants (id, name) VALUES ('${tenant}', '${tenant}')`;
    await ask(own.adminUrl, addTenant, ...rows);
  });

  it.each(TENANT_TABLES.map(({ name }) => name))('P42 shows no row of %s', async (table) => {
    const all = `SELECT * FROM ${table}`;
    expect((await ask(own.adminUrl, all))[0]).not.toEqual([]);
    const [, asApp] = await ask(own.serviceUrl, 'SET ROLE soma_app', all);
    expect(asApp).toEqual([]);
    await expect(ask(own.serviceUrl, all)).rejects.toThrow(/permission denied/);
  });

  it('P42 shows no row to the owner of the tables either', async () => {
    for (const { name } of TENANT_TABLES) {
      expect(await ask(own.ownerUrl, `SELECT * FROM ${name}`)).toEqual([[]]);
    }
  });

  it('P42 takes no row without a tenant', async () => {
    for (const { insert } of TENANT_TABLES) {
      const fresh = { ...ids, entry: randomUUID(), link: randomUUID() };
      const planted = insert(tenant, fresh, 'planted');
      await expect(ask(own.serviceUrl, 'SET ROLE soma_app', planted)).rejects.toThrow(
        /row-level security/,
      );
    }
  });
});

describe('starting the service', () => {
  const starting = async (url: string): Promise<void> => (await openAs(url)).close();

  it('P42 is refused with a superuser', async () => {
    await expect(starting(await own.login('SUPERUSER'))).rejects.toThrow(
      /The login "\w+" of SOMA_POSTGRES_URL is a superuser, .*does not start.*npm run migrate/s,
    );
  });

  it('P42 is refused with a login that bypasses row-level security', async () => {
    const url = await own.login('BYPASSRLS IN ROLE soma_app, soma_scoped, soma_system');
    await expect(starting(url)).rejects.toThrow(
      /The login "\w+" of SOMA_POSTGRES_URL has BYPASSRLS\. Tenants would not be kept apart/,
    );
  });

  it('P42 is refused with the owner of the tables', async () => {
    const { username } = new URL(own.ownerUrl);
    await ask(own.adminUrl, `GRANT soma_app, soma_scoped, soma_system TO ${username}`);
    await expect(starting(own.ownerUrl)).rejects.toThrow(
      `The login "${username}" of SOMA_POSTGRES_URL has CREATEROLE, owns tables, owns the database. Tenants`,
    );
  });

  it('P42 is refused with a member of the owner', async () => {
    const { username } = new URL(own.ownerUrl);
    const url = await own.login(`IN ROLE soma_app, soma_scoped, soma_system, ${username}`);
    await expect(starting(url)).rejects.toThrow(/owns tables/);
  });

  it.each([
    ['REPLICATION', /has REPLICATION\. Tenants/],
    ['CREATEROLE', /has CREATEROLE\. Tenants/],
  ])('P42 is refused with a login of %s', async (rights, refusal) => {
    const url = await own.login(`${rights} IN ROLE soma_app, soma_scoped, soma_system`);
    await expect(starting(url)).rejects.toThrow(refusal);
  });

  it('P42 is refused with a login that may take a role which bypasses row-level security', async () => {
    const between = new URL(await own.login('BYPASSRLS')).username;
    for (const role of [between, 'pg_read_server_files']) {
      const url = await own.login(`IN ROLE soma_app, soma_scoped, soma_system, ${role}`);
      await expect(starting(url)).rejects.toThrow(`may become ${role}. Tenants`);
    }
  });

  it("is refused with a login that cannot take the service's roles", async () => {
    await expect(starting(await own.login('IN ROLE soma_app'))).rejects.toThrow(
      /is not a member of soma_app, soma_scoped and soma_system/,
    );
  });

  it('P42 works with the login that the migration made', async () => {
    await expect(starting(own.serviceUrl)).resolves.toBeUndefined();
  });
});
