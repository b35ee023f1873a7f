import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BackupManifest, readBackup, sealed, writeBackup } from '@soma/backup';
import type { Consistency } from '@soma/indexing';
import type { Memory } from '@soma/memory';
import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { newestBinDir } from '../../tools/services/postgres-programs.ts';
import { TENANT_TABLES } from '../contract/isolation.rows.js';
import { type Client, clientOf } from '../e2e/client.js';
import { ok, problem } from '../e2e/http.js';
import { OPERATOR_TOKEN, type Service, startService } from '../e2e/service.js';
import { somaJson, somaRefusal } from '../e2e/soma-command.js';
import { everyMemory, fillTenant, pictureOf, type TenantPicture } from '../e2e/tenant-picture.js';
import { ask, createOwnDatabase, type OwnDatabase } from './own-database.js';

const MEMORIES = 300;
/** Longer than an entry counts as fresh: answers then come from the index. */
const FRESH_MS = 9_000;
const INDEXED_WITHIN_MS = 120_000;
const PREFIX = `test_${randomBytes(6).toString('hex')}`;

/** What row-level security rests on, without the names of owners. */
const WALLS = `
  SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
    (SELECT array_agg(p.polname || ' ' || p.polcmd::text || coalesce(' ' || pg_get_expr(p.polqual, p.polrelid), '')
        ORDER BY p.polname) FROM pg_policy p WHERE p.polrelid = c.oid) AS policies,
    (SELECT array_agg(a.grantee::regrole::text || ' ' || a.privilege_type
        ORDER BY a.grantee::regrole::text, a.privilege_type)
      FROM aclexplode(c.relacl) a WHERE a.grantee::regrole::text LIKE 'soma%') AS grants,
    (SELECT array_agg(k.conname || ' ' || pg_get_constraintdef(k.oid) ORDER BY k.conname)
      FROM pg_constraint k WHERE k.conrelid = c.oid) AS constraints,
    (SELECT array_agg(pg_get_indexdef(i.indexrelid) ORDER BY i.indexrelid::regclass::text)
      FROM pg_index i WHERE i.indrelid = c.oid) AS indexes
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY 1`;

/** Until the index is filled vectors are compared in double precision: near ties may change places. */
function expectAlike(now: readonly TenantPicture[], before: readonly TenantPicture[]): void {
  const rest = (pictures: readonly TenantPicture[]) =>
    pictures.map((picture) => ({ ...picture, answers: picture.answers.length }));
  expect(rest(now)).toEqual(rest(before));
  const [found, sought] = [now, before].map((pictures) =>
    pictures.flatMap(({ answers }) => answers),
  );
  const shared =
    sought?.map((ids, at) => ids.filter((id) => found?.[at]?.includes(id)).length) ?? [];
  const all = sought?.reduce((sum, { length }) => sum + length, 0) ?? 0;
  expect(shared.reduce((sum, n) => sum + n, 0)).toBeGreaterThan(0.98 * all);
}

describe('a backup of PostgreSQL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soma-backup-'));
  const file = join(folder, 'soma.backup');
  const acknowledged: Memory[] = [];
  let databases: OwnDatabase[];
  let source: OwnDatabase;
  let fresh: OwnDatabase;
  let service: Service;
  let ours: Client;
  let theirs: Client;
  let before: TenantPicture[];
  let sure: Memory[];
  let manifest: BackupManifest;

  const settingsOf = ({ serviceUrl, ownerUrl }: OwnDatabase) => ({
    SOMA_POSTGRES_URL: serviceUrl,
    SOMA_POSTGRES_OWNER_URL: ownerUrl,
    SOMA_POSTGRES_BIN_DIR: newestBinDir() ?? '',
  });
  const start = (database: OwnDatabase, prefix: string): Promise<Service> =>
    startService({
      ...settingsOf(database),
      SOMA_MILVUS_COLLECTION_PREFIX: prefix,
      SOMA_RECONCILE_INTERVAL_S: '3600',
    });
  const at = (client: Client, { url }: Service): Client =>
    clientOf(url, { token: client.token, id: client.tokenId, tenant_id: client.tenantId });
  const picturesAt = (running: Service): Promise<TenantPicture[]> =>
    Promise.all([ours, theirs].map((client) => pictureOf(at(client, running))));
  const restore = (database: OwnDatabase, ...more: string[]) =>
    somaJson<{ seconds: number }>(
      folder,
      ['admin', 'restore', file, ...more],
      settingsOf(database),
    );
  const refusedRestore = (path: string, database: OwnDatabase, ...more: string[]) =>
    somaRefusal(folder, ['admin', 'restore', path, ...more], settingsOf(database));
  const ownDatabase = async (): Promise<OwnDatabase> => {
    const database = await createOwnDatabase();
    databases.push(database);
    return database;
  };
  const memoriesIn = async ({ adminUrl }: OwnDatabase): Promise<unknown> =>
    (await ask(adminUrl, 'SELECT count(*)::int AS n, max(id::text) AS last FROM memories'))[0]?.[0];
  /** A database with too much to do says so, and is asked again. */
  const countsAt = async (running: Service): Promise<Consistency['tenants']> => {
    const asOperator = { token: OPERATOR_TOKEN };
    const answer = await running.request<Consistency>('GET', '/admin/consistency', asOperator);
    return answer.status === 503 ? countsAt(running) : (await ok(Promise.resolve(answer))).tenants;
  };

  /** Until the index has every entry and no other. */
  const indexedAt = async (running: Service) => {
    const deadline = performance.now() + INDEXED_WITHIN_MS;
    for (;;) {
      const counts = await countsAt(running);
      if (counts.every(({ stored, waiting, indexed }) => waiting === 0 && indexed === stored)) {
        return counts;
      }
      if (performance.now() > deadline) {
        throw new Error(`The index was not filled: ${JSON.stringify(counts)}`);
      }
      await sleep(500);
    }
  };

  beforeAll(async () => {
    databases = [];
    [source, fresh] = [await ownDatabase(), await ownDatabase()];
    service = await start(source, `${PREFIX}_a`);
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    await fillTenant(ours, service.url, MEMORIES, 'ours');
    await fillTenant(theirs, service.url, MEMORIES, 'theirs');
    await Promise.all([ours.settledStats(), theirs.settledStats()]);
    await sleep(FRESH_MS);
    before = await picturesAt(service);
    const stop = new AbortController();
    const writeOn = async (client: Client): Promise<void> => {
      for (let n = 0; !stop.signal.aborted; n += 1) {
        acknowledged.push(await client.store({ namespace: 'busy', content: `written on ${n}` }));
      }
    };
    const writing = [writeOn(ours), writeOn(ours), writeOn(theirs)];
    while (acknowledged.length < 100) await sleep(5);
    sure = [...acknowledged];
    const args = ['admin', 'backup', '--out', file];
    ({ manifest } = await somaJson<{ manifest: BackupManifest }>(folder, args, settingsOf(source)));
    stop.abort();
    await Promise.all(writing);
  }, 300_000);

  afterAll(async () => {
    await service.close();
    const { SOMA_MILVUS_ADDRESS: address = '' } = process.env;
    const milvus = new MilvusClient({ address, logLevel: 'error' });
    for (const { name } of (await milvus.showCollections()).data) {
      if (name.startsWith(PREFIX)) await milvus.dropCollection({ collection_name: name });
    }
    await milvus.closeConnection();
    for (const database of databases) await database.drop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }, 300_000);

  it('is of one moment while the service writes, and counts what is in it', () => {
    const { rows, embedding_models: models } = manifest;
    const memories = rows['memories'] ?? 0;
    const still = 2 * (MEMORIES + 1);
    expect(memories).toBeGreaterThanOrEqual(still + sure.length);
    expect(memories).toBeLessThanOrEqual(still + acknowledged.length);
    expect(rows).toMatchObject({
      tenants: 2,
      tokens: 2,
      links: 40,
      memory_versions: memories + 40,
      embeddings: memories,
    });
    expect(Object.values(models)).toEqual([memories]);
    expect(manifest).toMatchObject({ kind: 'postgresql', migrations: expect.any(Array) });
  });

  describe('restored into an empty database, with an empty index', () => {
    let restored: Service;

    /** One service at a time: the strategy that knows tokens belongs to the process, not to the service. */
    beforeAll(async () => {
      await service.close();
      await restore(fresh);
      restored = await start(fresh, `${PREFIX}_b`);
    }, 300_000);
    afterAll(async () => {
      await restored.close();
      service = await start(source, `${PREFIX}_a`);
    }, 300_000);

    it('has everything that was acknowledged before it began, and answers at once as before', async () => {
      expectAlike(await picturesAt(restored), before);
      const lists = await Promise.all(
        [ours, theirs].map((client) => everyMemory(at(client, restored), 'busy')),
      );
      const found = new Map(lists.flat().map((memory) => [memory.id, memory]));
      for (const memory of sure) expect(found.get(memory.id)).toEqual(memory);
      const all = new Set(acknowledged.map(({ id }) => id));
      expect([...found.keys()].filter((id) => !all.has(id))).toEqual([]);
    });

    it('fills the index by itself, and answers the same from it', async () => {
      const counts = await indexedAt(restored);
      expect(counts.map(({ stored }) => stored).reduce((sum, n) => sum + n, 0)).toBe(
        manifest.rows['memories'],
      );
      await sleep(FRESH_MS);
      expect(await picturesAt(restored)).toEqual(before);
    }, 300_000);

    it('P42 keeps tenants apart as before: the same policies, grants, keys and indexes', async () => {
      const [walls] = await ask(source.adminUrl, WALLS);
      expect(walls?.length).toBeGreaterThan(10);
      expect((await ask(fresh.adminUrl, WALLS))[0]).toEqual(walls);
      for (const { name } of TENANT_TABLES) {
        const all = `SELECT * FROM ${name} LIMIT 1`;
        const [, asApp] = await ask(fresh.serviceUrl, 'SET ROLE soma_app', all);
        expect(asApp).toEqual([]);
        expect(await ask(fresh.ownerUrl, all)).toEqual([[]]);
        await expect(ask(fresh.serviceUrl, all)).rejects.toThrow(/permission denied/);
      }
      const reading = "SET soma.backup = 'on'";
      const memories = 'SELECT 1 FROM memories LIMIT 1';
      expect((await ask(fresh.ownerUrl, reading, memories))[1]).toHaveLength(1);
      const asApp = await ask(fresh.serviceUrl, reading, 'SET ROLE soma_app', memories);
      expect(asApp[2]).toEqual([]);
      const [foreign] = before[0]?.listed ?? [];
      expect(await at(theirs, restored).get(`/memories/${foreign?.id}`)).toMatchObject(
        problem('MEMORY_NOT_FOUND'),
      );
    });
  });

  describe('restored over newer data, with an index that is newer too', () => {
    it('is refused while the service runs, and without --replace', async () => {
      const held = await memoriesIn(source);
      expect(await refusedRestore(file, source, '--replace')).toMatchObject({
        code: 'TARGET_IN_USE',
      });
      const newer = at(ours, service);
      await newer.delete('/memories/5');
      await newer.storeAll(
        Array.from({ length: 50 }, (_, n) => ({
          content: `after the backup ${n}`,
          coord: `9,${n}`,
        })),
      );
      await newer.settledStats();
      await service.close();
      const now = await memoriesIn(source);
      expect(now).not.toEqual(held);
      expect(await refusedRestore(file, source)).toMatchObject({ code: 'TARGET_NOT_EMPTY' });
      expect(await memoriesIn(source)).toEqual(now);
    }, 300_000);

    it('changes nothing when it fails at its very end', async () => {
      const newer = await memoriesIn(source);
      const wrong = join(folder, 'wrong.backup');
      const { chunks } = await readBackup(file);
      const rows = { ...manifest.rows, tokens: 77 };
      await writeBackup(wrong, sealed(chunks(), { ...manifest, rows }), { force: false });
      expect(await refusedRestore(wrong, source, '--replace')).toMatchObject({
        code: 'PROGRAM_FAILED',
        detail: expect.stringContaining('table tokens has 2 rows after the restore'),
      });
      expect(await memoriesIn(source)).toEqual(newer);
      const [walls] = await ask(source.adminUrl, WALLS);
      expect((await ask(fresh.adminUrl, WALLS))[0]).toEqual(walls);
    });

    it('loses what came after it, also from the index', async () => {
      await restore(source, '--replace');
      service = await start(source, `${PREFIX}_a`);
      expectAlike(await picturesAt(service), before);
      const counts = await indexedAt(service);
      expect(counts).toHaveLength(2);
      await sleep(FRESH_MS);
      expect(await picturesAt(service)).toEqual(before);
      const found = await at(ours, service).search('after the backup', { top_k: 50 });
      expect(found.memories.filter(({ content }) => content.startsWith('after the'))).toEqual([]);
    }, 300_000);
  });

  describe('that does not fit', () => {
    let empty: OwnDatabase;

    beforeAll(async () => {
      empty = await ownDatabase();
    });
    afterEach(async () => {
      const [tables] = await ask(
        empty.adminUrl,
        "SELECT 1 FROM pg_tables WHERE schemaname = 'public'",
      );
      expect(tables).toEqual([]);
    });

    it('is refused when it was cut off or changed', async () => {
      const damaged = join(folder, 'damaged.backup');
      const bytes = readFileSync(file);
      writeFileSync(damaged, bytes);
      truncateSync(damaged, bytes.length - 100);
      expect(await refusedRestore(damaged, empty)).toMatchObject({ code: 'BACKUP_DAMAGED' });
      bytes[5_000] = (bytes[5_000] ?? 0) ^ 1;
      writeFileSync(damaged, bytes);
      expect(await refusedRestore(damaged, empty)).toMatchObject({ code: 'BACKUP_DAMAGED' });
    });

    it('is refused when a later version made it', async () => {
      const later = join(folder, 'later.backup');
      const { chunks } = await readBackup(file);
      const migrations = [...manifest.migrations, { name: '2099_later', checksum: 'x' }];
      await writeBackup(later, sealed(chunks(), { ...manifest, migrations }), { force: true });
      expect(await refusedRestore(later, empty)).toMatchObject({
        code: 'BACKUP_NEWER',
        detail: expect.stringContaining('2099_later'),
      });
    });

    it('is refused by a data folder', async () => {
      const refusal = await refusedRestore(file, empty, '--data-dir', join(folder, 'data'));
      expect(refusal).toMatchObject({ code: 'BACKUP_OF_ANOTHER_STACK' });
    });

    it('says which programs are missing or too old, and where to get them', async () => {
      const bin = join(folder, 'bin');
      const settings = { ...settingsOf(empty), SOMA_POSTGRES_BIN_DIR: bin };
      const args = ['admin', 'restore', file];
      expect(await somaRefusal(folder, args, settings)).toMatchObject({
        code: 'PROGRAM_MISSING',
        exit_code: 2,
        hint: expect.stringMatching(
          /apt-get install postgresql-client-\d\d.*SOMA_POSTGRES_BIN_DIR/,
        ),
      });
      const old = mkdtempSync(join(folder, 'old-'));
      writeFileSync(join(old, 'pg_dump'), '#!/bin/sh\necho "pg_dump (PostgreSQL) 9.6.24"\n');
      chmodSync(join(old, 'pg_dump'), 0o755);
      const backup = ['admin', 'backup', '--out', join(folder, 'old.backup')];
      const withOld = { ...settingsOf(source), SOMA_POSTGRES_BIN_DIR: old };
      expect(await somaRefusal(folder, backup, withOld)).toMatchObject({
        code: 'PROGRAM_TOO_OLD',
        detail: expect.stringContaining('is of version 9.6'),
      });
    });

    it('is not made by a login that would leave rows out', async () => {
      await ask(fresh.ownerUrl, 'DROP POLICY owner_backup ON links');
      const backup = ['admin', 'backup', '--out', join(folder, 'hidden.backup')];
      expect(await somaRefusal(folder, backup, settingsOf(fresh))).toMatchObject({
        code: 'SOURCE_NOT_READABLE',
        detail: expect.stringMatching(/may not read every row of: links/),
      });
      expect(await somaRefusal(folder, backup, settingsOf(empty))).toMatchObject({
        code: 'SOURCE_NOT_READABLE',
      });
    });
  });

  it('is not given by the API, which says how it is made', async () => {
    const answer = await service.request('GET', '/admin/backup', { token: OPERATOR_TOKEN });
    expect(answer).toMatchObject(problem('BACKUP_ELSEWHERE'));
    expect(answer.body).toMatchObject({ detail: expect.stringContaining('pg_dump') });
  });
});
