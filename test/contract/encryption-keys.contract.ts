import { randomBytes, randomUUID } from 'node:crypto';
import { type Clock, coordinateOf, tenantId, TenantScope } from '@soma/core';
import {
  EncryptionService,
  type EnvironmentKey,
  EnvironmentKeyWrapper,
  KEY_CHECK_MS,
  KeyRing,
} from '@soma/encryption';
import {
  type Database,
  PostgresMemoryRepository,
  PostgresReencryption,
  PostgresTenantKeyStore,
  RowCipher,
} from '@soma/persistence';
import { statement } from './isolation.rows.js';
import { memoryDraft } from './memory-draft.js';

/** One process of the service: its own cache of keys, its own key-encryption keys, its own clock. */
function processOf(database: Database, keys: readonly EnvironmentKey[], clock: Clock) {
  const store = new PostgresTenantKeyStore(database);
  const wrapper = new EnvironmentKeyWrapper(keys);
  const ring = new KeyRing(store, wrapper, { maxAgeMs: 300_000 }, clock);
  const cipher = new RowCipher(store, ring);
  const rows = new PostgresReencryption(database, cipher);
  return {
    memories: new PostgresMemoryRepository(database, clock, cipher),
    encryption: new EncryptionService(store, wrapper, ring, rows),
  };
}

const newKey = (id: string): EnvironmentKey => ({ id, key: randomBytes(32) });

/** What becomes of tenants' keys in the database, whichever process changes them. */
export function encryptionKeysContract({ open }: { open(): Promise<Database> }): void {
  let database: Database;
  let now = Date.now();
  const clock: Clock = { now: () => new Date(now) };
  const first = newKey('first');

  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  const aTenant = async (): Promise<TenantScope> => {
    const id = randomUUID();
    const data = { id, name: id };
    await database.withSystem((transaction) => transaction.tenant.create({ data }));
    return TenantScope.of(tenantId(id));
  };
  const ask = (scope: TenantScope, sql: string) =>
    database.withTenant(scope, (transaction) =>
      transaction.query<Record<string, unknown>[]>(statement(sql)),
    );
  const address = {
    kind: 'coordinate',
    namespace: 'default',
    coordinate: coordinateOf([1]),
  } as const;
  const sealedRows = (scope: TenantScope) =>
    ask(
      scope,
      `SELECT id::text, encode(sealed_content, 'hex') AS content,
         encode(sealed_payload, 'hex') AS payload, xmin::text AS written_by FROM memories`,
    );
  const anEncryptedTenant = async (): Promise<TenantScope> => {
    const scope = await aTenant();
    const { encryption, memories } = processOf(database, [first], clock);
    await encryption.set(scope.tenantId, { policy: 'all' });
    await memories.store(scope, [
      memoryDraft({ namespace: 'default', content: 'kept', coordinate: coordinateOf([1]) }),
    ]);
    return scope;
  };

  it('P38 changes the key-encryption key and writes no payload anew', async () => {
    const [ours, theirs] = [await anEncryptedTenant(), await anEncryptedTenant()];
    const before = [await sealedRows(ours), await sealedRows(theirs)];
    expect(before.flat()).toHaveLength(2);
    const second = newKey('second');
    const both = processOf(database, [second, first], clock);
    const report = await both.encryption.rewrap({ tenant: ours.tenantId });
    expect(report).toMatchObject({ tenants: 1, keys: 1, rewrapped: 1 });
    expect([await sealedRows(ours), await sealedRows(theirs)]).toEqual(before);

    const retired = processOf(database, [second], clock);
    expect(await retired.memories.find(ours, address)).toMatchObject({ content: 'kept' });
    await expect(retired.memories.find(theirs, address)).rejects.toMatchObject({
      code: 'ENCRYPTION_KEY_UNAVAILABLE',
    });
    expect(await both.memories.find(theirs, address)).toMatchObject({ content: 'kept' });
    expect((await both.encryption.rewrap({})).next_cursor).toBeNull();
    expect(await retired.memories.find(theirs, address)).toMatchObject({ content: 'kept' });
  });

  it('P38 can never read again, in any process, what belonged to keys that were destroyed', async () => {
    const [ours, theirs] = [await anEncryptedTenant(), await anEncryptedTenant()];
    const [one, another] = [0, 1].map(() => processOf(database, [first], clock));
    for (const { memories } of [one, another].flatMap((process) => process ?? [])) {
      expect(await memories.find(ours, address)).toMatchObject({ content: 'kept' });
    }
    await one?.encryption.destroyKeys(ours);
    const gone = { code: 'ENCRYPTION_KEY_DESTROYED', status: 410 };
    await expect(one?.memories.find(ours, address)).rejects.toMatchObject(gone);
    now += KEY_CHECK_MS;
    await expect(another?.memories.find(ours, address)).rejects.toMatchObject(gone);
    for (const { encryption, memories } of [processOf(database, [first], clock)]) {
      await expect(memories.find(ours, address)).rejects.toMatchObject(gone);
      await expect(encryption.rotate(ours.tenantId)).rejects.toMatchObject(gone);
      await expect(encryption.set(ours.tenantId, { policy: 'all' })).rejects.toMatchObject(gone);
      await expect(
        memories.store(ours, [memoryDraft({ namespace: 'default' })]),
      ).rejects.toMatchObject(gone);
      expect(await encryption.status(ours.tenantId)).toMatchObject({
        keys: [],
        destroyed_at: expect.any(String) as string,
      });
      expect(await memories.find(theirs, address)).toMatchObject({ content: 'kept' });
    }
    expect(await ask(ours, 'SELECT * FROM tenant_keys')).toEqual([]);
    expect(await ask(theirs, 'SELECT version FROM tenant_keys')).toEqual([{ version: 1 }]);
  });

  it('P38 destroys keys with the transaction in which it is asked to, or not at all', async () => {
    const scope = await anEncryptedTenant();
    const { encryption, memories } = processOf(database, [first], clock);
    await expect(
      database.withTenant(scope, async () => {
        await encryption.destroyKeys(scope);
        throw new Error('Something else failed.');
      }),
    ).rejects.toThrow('Something else failed.');
    expect(await memories.find(scope, address)).toMatchObject({ content: 'kept' });
  });

  it('P38 has every write after a change encrypt, also one that had begun before', async () => {
    const scope = await aTenant();
    const { encryption } = processOf(database, [first], clock);
    const writers = [0, 1, 2, 3].map(() => processOf(database, [first], clock).memories);
    let isSet = false;
    let written = 0;
    const write = async (memories: PostgresMemoryRepository): Promise<void> => {
      for (let turn = 0; turn < 12; turn += 1) {
        const wasSet = isSet;
        const content = wasSet ? 'after' : 'before';
        const coordinate = coordinateOf([(written += 1)]);
        await memories.store(scope, [memoryDraft({ namespace: 'default', content, coordinate })]);
      }
    };
    const writing = Promise.all(writers.map(write));
    await encryption.set(scope.tenantId, { policy: 'all' });
    isSet = true;
    await writing;
    const open = await ask(scope, "SELECT content FROM memories WHERE content = 'after'");
    expect(open).toEqual([]);
    expect(await ask(scope, 'SELECT id FROM memories')).toHaveLength(48);
  });
}
