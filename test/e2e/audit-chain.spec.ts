import { AuditLog, type NotedEvent } from '@soma/audit';
import { tenantId, TenantScope } from '@soma/core';
import { v7 as uuidv7 } from 'uuid';
import { AuditReader, LEFT_BY_ALL, useAll } from './audit-log.js';
import { askRaw } from './raw-tables.js';
import { type Client, type Service, startService } from './service.js';

const DAY_MS = 86_400_000;

/** A change of each column by as little as it can be, and what undoes it. */
const CHANGES: Readonly<Record<string, readonly [change: string, undo: string]>> = {
  occurred_at: ["occurred_at + interval '1 microsecond'", "occurred_at - interval '1 microsecond'"],
  ...Object.fromEntries(
    ['actor', 'action', 'target_kind', 'target', 'request_id', 'source', 'outcome'].map((name) => [
      name,
      [`${name} || 'x'`, `left(${name}, length(${name}) - 1)`] as const,
    ]),
  ),
  details: [`details || '{"x": 1}'`, `details - 'x'`],
  memory_ids: [
    'array_append(memory_ids, gen_random_uuid())',
    'memory_ids[1:cardinality(memory_ids) - 1]',
  ],
  previous_hash: Array<string>(2).fill(
    'set_byte(previous_hash, 7, get_byte(previous_hash, 7) # 1)',
  ) as [string, string],
  hash: Array<string>(2).fill('set_byte(hash, 7, get_byte(hash, 7) # 1)') as [string, string],
  id: ["('f' || substr(id::text, 2))::uuid", "('0' || substr(id::text, 2))::uuid"],
  sequence: ['sequence + 1000000', 'sequence - 1000000'],
};

describe('the chain of a tenant', () => {
  let service: Service;
  let audit: AuditReader;
  let ours: Client;

  const change = (sql: string) => askRaw(service, (ask) => ask(sql));
  const at = (sequence: number) => `tenant_id = '${ours.tenantId}' AND sequence = ${sequence}`;

  beforeAll(async () => {
    service = await startService();
    audit = new AuditReader(service);
    ours = await service.tenant();
    await useAll(service, ours, 'any');
    await audit.awaited({ tenant: ours.tenantId }, Object.keys(LEFT_BY_ALL).length);
    await audit.verified(ours.tenantId);
  });
  afterAll(() => service.close());

  it('P23 breaks where any column of any kind of event was changed', async () => {
    const events = await audit.events({ tenant: ours.tenantId });
    const oneOfEach = new Map(events.map((event) => [event.action, event.sequence ?? 0]));
    expect([...oneOfEach.keys()]).toEqual(expect.arrayContaining(Object.keys(LEFT_BY_ALL)));
    const unseen: string[] = [];
    for (const [action, sequence] of oneOfEach) {
      for (const [column, [sets, undo]] of Object.entries(CHANGES)) {
        await change(`UPDATE audit_events SET ${column} = ${sets} WHERE ${at(sequence)}`);
        const { intact, broken_at } = await audit.verified(ours.tenantId);
        if (intact || broken_at !== sequence) unseen.push(`${action}.${column}`);
        const moved = column === 'sequence' ? sequence + 1_000_000 : sequence;
        await change(`UPDATE audit_events SET ${column} = ${undo} WHERE ${at(moved)}`);
      }
    }
    // The last event leaves no gap behind it: that a chain was cut off shows in its head alone.
    const last = events[0]?.action ?? '';
    expect(unseen.filter((change) => change !== `${last}.sequence`)).toEqual([]);
    expect(await audit.verified(ours.tenantId)).toMatchObject({ intact: true, purged: 0 });
  });

  it('P23 breaks where an event was taken out, its first too', async () => {
    for (const sequence of [1, 3]) {
      const [row] = await change(
        `SELECT to_jsonb(e) AS kept FROM audit_events e WHERE ${at(sequence)}`,
      );
      await change(`DELETE FROM audit_events WHERE ${at(sequence)}`);
      expect(await audit.verified(ours.tenantId)).toMatchObject({
        intact: false,
        broken_at: sequence,
      });
      const kept = JSON.stringify(row?.['kept']).replaceAll("'", "''");
      await change(`INSERT INTO audit_events
        SELECT * FROM jsonb_populate_record(NULL::audit_events, '${kept}'::jsonb)`);
    }
    expect(await audit.verified(ours.tenantId)).toMatchObject({ intact: true });
  });
});

describe('retention', () => {
  let service: Service;
  let audit: AuditReader;

  const oldEvents = (client: Client, count: number): NotedEvent[] =>
    Array.from({ length: count }, (_, at) => ({
      scope: TenantScope.of(tenantId(client.tenantId)),
      id: uuidv7({ msecs: Date.now() - 40 * DAY_MS + at }),
      at: new Date(Date.now() - 40 * DAY_MS + at),
      origin: { actor: 'somebody', requestId: '', source: '' },
      entry: {
        action: 'test.old',
        targetKind: 'memories',
        target: '',
        outcome: 'done',
        details: { at },
        memoryIds: [OLD_MEMORY],
      },
    }));

  const OLD_MEMORY = '019a0000-0000-7000-8000-000000000001';
  const purge = () => service.provided(AuditLog).purge(new Date(Date.now() - 30 * DAY_MS));
  const namedRows = async ({ tenantId: tenant }: Client) => {
    const [row] = await askRaw(service, (ask) =>
      ask(`SELECT count(*)::int AS n FROM audit_memories
        WHERE tenant_id = '${tenant}' AND memory_id = '${OLD_MEMORY}'`),
    );
    return row?.['n'];
  };

  /** A tenant whose chain begins with old events: those of its making are made old too. */
  async function anOldTenant(): Promise<Client> {
    const client = await service.tenant();
    await audit.verified(client.tenantId);
    await askRaw(service, (ask) =>
      ask(`DELETE FROM audit_events WHERE tenant_id = '${client.tenantId}'`),
    );
    await service.provided(AuditLog).appendNoted(oldEvents(client, 6));
    expect(await audit.verified(client.tenantId)).toMatchObject({ intact: true, events: 6 });
    await client.store({ content: 'Young.' });
    await audit.verified(client.tenantId);
    return client;
  }

  beforeAll(async () => {
    service = await startService();
    audit = new AuditReader(service);
  });
  afterAll(() => service.close());

  it('P23 purges what is older, and the rest of the chain is still proved', async () => {
    const [old, young] = [await anOldTenant(), await service.tenant()];
    expect(await namedRows(old)).toBe(6);
    const before = await audit.verified(young.tenantId);
    // On servers that other runs have used there may be more.
    expect(await purge()).toBeGreaterThanOrEqual(6);
    expect(await namedRows(old)).toBe(0);
    const tenant = old.tenantId;
    const after = await audit.verified(tenant);
    expect(after).toMatchObject({ intact: true, purged: 6, events: 2, broken_at: null });
    expect((await audit.events({ tenant })).map(({ action }) => action)).toEqual([
      'audit.purge',
      'memories.store',
    ]);
    expect(await audit.events({ tenant, memory: OLD_MEMORY })).toEqual([]);
    expect(await audit.verified(young.tenantId)).toEqual(before);
    expect(await purge()).toBe(0);
  });

  it('P23 does not take for a purge what somebody has deleted', async () => {
    const { tenantId: tenant } = await anOldTenant();
    await purge();
    await audit.verified(tenant);
    await askRaw(service, (ask) =>
      ask(`DELETE FROM audit_events WHERE tenant_id = '${tenant}' AND sequence = 7`),
    );
    expect(await audit.verified(tenant)).toMatchObject({ intact: false, broken_at: 7 });
  });

  it('P23 finds a purge that somebody has changed to cover more', async () => {
    const { tenantId: tenant } = await anOldTenant();
    await purge();
    await audit.verified(tenant);
    await askRaw(service, async (ask) => {
      const of = `tenant_id = '${tenant}'`;
      await ask(`UPDATE audit_events p SET details = jsonb_build_object('through', 7, 'events', 7,
          'hash', (SELECT encode(e.hash, 'hex') FROM audit_events e WHERE ${of} AND sequence = 7))
        WHERE ${of} AND action = 'audit.purge'`);
      return ask(`DELETE FROM audit_events WHERE ${of} AND sequence = 7`);
    });
    expect(await audit.verified(tenant)).toMatchObject({ intact: false, broken_at: 8 });
  });
});
