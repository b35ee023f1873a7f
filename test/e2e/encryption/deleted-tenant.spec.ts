import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type MemoryId, memoryId, tenantId, TenantScope } from '@soma/core';
import type { DeletionReceipt } from '@soma/deletion';
import { RowCipher } from '@soma/persistence';
import { ok, problem } from '../http.js';
import { askRaw, AUDIT, tablesOnceAudited, tablesWith } from '../raw-tables.js';
import { type Client, OPERATOR_TOKEN, type Service, startService } from '../service.js';
import { createOwnStack, type OwnStack } from '../stack.js';
import { operatorOf } from './operator.js';

const SECRET = 'canaryfeldspartide';
const COUNT = 20;

const NOTHING = {
  content: '',
  payload: {},
  metadata: {},
  sealed_payload: null,
  sealed_metadata: null,
};

/** Ciphertext of a memory, as a thief took it while the tenant was there. */
interface Stolen {
  readonly id: MemoryId;
  readonly sealed_content: Uint8Array;
}

describe('an encrypted tenant that is deleted', () => {
  let stack: OwnStack;
  let service: Service;
  let doomed: Client;
  let spared: Client;
  let stolen: Stolen[];
  let sparedRows: Stolen[];

  const scopeOf = ({ tenantId: id }: Client) => TenantScope.of(tenantId(id));
  const open = (client: Client, rows: readonly Stolen[]) =>
    service.provided(RowCipher).open(
      scopeOf(client),
      rows.map((row) => ({ ...NOTHING, ...row })),
    );
  const keysOf = ({ tenantId: id }: Client) =>
    askRaw(service, (ask) => ask(`SELECT version FROM tenant_keys WHERE tenant_id = '${id}'`));
  const steal = async ({ tenantId: id }: Client): Promise<Stolen[]> => {
    const found = await askRaw(service, (ask) =>
      ask(`SELECT id::text AS id, encode(sealed_content, 'hex') AS hex FROM memories
        WHERE tenant_id = '${id}' ORDER BY id`),
    );
    return found.map((row) => ({
      id: memoryId(String(row['id'])),
      sealed_content: Buffer.from(String(row['hex']), 'hex'),
    }));
  };

  beforeAll(async () => {
    stack = await createOwnStack();
    service = await startService({
      ...stack.settings,
      SOMA_ENCRYPTION_KEYS: `first:${randomBytes(32).toString('base64')}`,
    });
    [doomed, spared] = [await service.tenant(), await service.tenant()];
    for (const client of [doomed, spared]) {
      await operatorOf(service).encrypt(client.tenantId, 'all');
      const memories = Array.from({ length: COUNT }, (_, n) => ({
        coord: String(n),
        content: `The ${SECRET} of day ${n}.`,
        payload: { word: SECRET },
      }));
      await client.storeAll(memories);
    }
    [stolen, sparedRows] = [await steal(doomed), await steal(spared)];
  });
  afterAll(async () => {
    await service.close();
    await stack.drop();
  });

  it('P38 could be read with its keys, and stood nowhere without them', async () => {
    expect(stolen).toHaveLength(COUNT);
    expect(JSON.stringify(await open(doomed, stolen))).toContain(SECRET);
    expect(await keysOf(doomed)).toHaveLength(1);
    expect(await tablesWith(service, [SECRET])).toEqual([]);
  });

  it('P38 loses its keys, is gone from a dump, and what was taken before cannot be read', async () => {
    const operator = { token: OPERATOR_TOKEN };
    const path = `/admin/tenants/${doomed.tenantId}`;
    const { id } = await ok(service.request<DeletionReceipt>('DELETE', path, operator), 202);
    const receipt = () =>
      ok(service.request<DeletionReceipt>('GET', `/admin/deletions/${id}`, operator));
    while ((await receipt()).status !== 'verified') {
      expect((await receipt()).status).not.toBe('residue');
      await sleep(200);
    }
    expect((await receipt()).removed).toMatchObject({ tenant_keys: 1, memories: COUNT });
    expect(await keysOf(doomed)).toEqual([]);
    expect(await tablesOnceAudited(service, [doomed.tenantId])).toEqual([...AUDIT, 'deletions']);
    expect(await tablesWith(service, [SECRET, Buffer.from(SECRET).toString('hex')])).toEqual([]);
    // The process may go by keys it has for five seconds; it read them before the deletion.
    await expect(open(doomed, stolen)).rejects.toMatchObject({ code: 'ENCRYPTION_KEY_DESTROYED' });
    expect(await doomed.get('/memories')).toMatchObject(problem('TOKEN_INVALID'));
  }, 300_000);

  it('P38 leaves another tenant its keys and its memories', async () => {
    expect(await keysOf(spared)).toHaveLength(1);
    expect(JSON.stringify(await open(spared, sparedRows))).toContain(SECRET);
    expect((await spared.read('1')).content).toBe(`The ${SECRET} of day 1.`);
    await expect(open(spared, stolen)).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  });
});
