import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { parseConfig } from '@soma/config';
import { migratePostgres, openDatabase } from '@soma/persistence';
import { ask, createOwnDatabase, type OwnDatabase } from './own-database.js';

const FOLDER = 'prisma/migrations';
const MIGRATIONS = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

const HISTORY = `SELECT id, checksum, migration_name, logs, rolled_back_at, applied_steps_count,
  finished_at >= started_at AS finished FROM _prisma_migrations ORDER BY migration_name`;

describe(migratePostgres, () => {
  let own: OwnDatabase;
  const migrating = () => migratePostgres(own.ownerUrl, own.serviceUrl);

  beforeEach(async () => {
    own = await createOwnDatabase();
  });
  afterEach(() => own.drop());

  it('applies every migration, oldest first, and nothing the second time', async () => {
    expect((await migrating()).applied).toEqual(MIGRATIONS);
    const before = await ask(own.ownerUrl, HISTORY);
    expect((await migrating()).applied).toEqual([]);
    expect(await ask(own.ownerUrl, HISTORY)).toEqual(before);
  });

  it('records migrations as `prisma migrate deploy` does', async () => {
    await migrating();
    const [rows] = await ask(own.ownerUrl, HISTORY);
    expect(rows).toEqual(
      MIGRATIONS.map((name) => ({
        id: expect.stringMatching(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        checksum: createHash('sha256')
          .update(readFileSync(`${FOLDER}/${name}/migration.sql`))
          .digest('hex'),
        migration_name: name,
        logs: null,
        rolled_back_at: null,
        applied_steps_count: 1,
        finished: true,
      })),
    );
    const [columns] = await ask(
      own.ownerUrl,
      `SELECT column_name, data_type, character_maximum_length AS length, is_nullable
       FROM information_schema.columns WHERE table_name = '_prisma_migrations' ORDER BY 1`,
    );
    const column = (
      column_name: string,
      data_type: string,
      nullable: boolean,
      length?: number,
    ) => ({
      column_name,
      data_type,
      length: length ?? null,
      is_nullable: nullable ? 'YES' : 'NO',
    });
    expect(columns).toEqual([
      column('applied_steps_count', 'integer', false),
      column('checksum', 'character varying', false, 64),
      column('finished_at', 'timestamp with time zone', true),
      column('id', 'character varying', false, 36),
      column('logs', 'text', true),
      column('migration_name', 'character varying', false, 255),
      column('rolled_back_at', 'timestamp with time zone', true),
      column('started_at', 'timestamp with time zone', false),
    ]);
  });

  it('applies each migration once when many processes start at once', async () => {
    const reports = await Promise.all(Array.from({ length: 6 }, migrating));
    expect(reports.flatMap(({ applied }) => applied)).toEqual(MIGRATIONS);
    const [rows] = await ask(own.ownerUrl, HISTORY);
    expect(rows).toHaveLength(MIGRATIONS.length);
  });

  it('refuses a migration that was changed after it was applied, and applies nothing', async () => {
    await migrating();
    const [first = ''] = MIGRATIONS;
    const before = await ask(own.ownerUrl, HISTORY);
    await ask(
      own.ownerUrl,
      `UPDATE _prisma_migrations SET checksum = repeat('0', 64) WHERE migration_name = '${first}'`,
    );
    await expect(migrating()).rejects.toThrow(
      `Migration ${first} was changed after it was applied. Restore the file`,
    );
    const [rows] = await ask(own.ownerUrl, HISTORY);
    expect(rows).toHaveLength(before[0]?.length ?? 0);
  });

  it('leaves nothing of a migration that fails', async () => {
    await ask(own.ownerUrl, 'CREATE TABLE links (id int)');
    await expect(migrating()).rejects.toThrow('relation "links" already exists');
    const [rows, tables] = await ask(
      own.ownerUrl,
      HISTORY,
      "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    );
    expect(rows).toEqual([]);
    expect(tables).toEqual([{ tablename: '_prisma_migrations' }, { tablename: 'links' }]);
  });

  it('is what a service asks for that needs a migration the database lacks', async () => {
    await migrating();
    const last = MIGRATIONS.at(-1) ?? '';
    await ask(own.ownerUrl, `DELETE FROM _prisma_migrations WHERE migration_name = '${last}'`);
    const config = parseConfig({ SOMA_POSTGRES_URL: own.serviceUrl });
    await expect(openDatabase(config)).rejects.toThrow(
      `The database lacks 1 migration(s), from ${last} on. Set SOMA_POSTGRES_OWNER_URL and run`,
    );
  });
});
