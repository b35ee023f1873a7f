import { randomUUID } from 'node:crypto';
import { Clock, TenantScope, tenantId, UnitOfWork } from '@soma/core';
import { ArchiveStore, DecayStore, Purger } from '@soma/forgetting';
import { type Memory, MemoryDeletions } from '@soma/memory';
import { Metrics } from '@soma/observability';
import { AuditReader } from '../audit-log.js';
import { ok } from '../http.js';
import { type Client, type Service, startService } from '../service.js';
import { forgettingOf } from './requests.js';

const YEAR_MS = 31_536_000_000;

class NextYear extends Clock {
  now(): Date {
    return new Date(Date.now() + YEAR_MS);
  }
}

describe('P23 what changes in the background, or by forgetting, is in the audit', () => {
  let service: Service;
  let audit: AuditReader;
  let ours: Client;
  let theirs: Client;
  let sut: ReturnType<typeof forgettingOf>;

  beforeAll(async () => {
    service = await startService();
    audit = new AuditReader(service);
  });
  beforeEach(async () => {
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    sut = forgettingOf(service, ours);
  });
  afterAll(() => service.close());

  /** Details and memories of the tenant's events of an action, oldest first. */
  const told = async (client: Client, action: string, count = 1) => {
    const events = await audit.awaited({ tenant: client.tenantId, action }, count);
    expect(events).toHaveLength(count);
    return events.toReversed();
  };
  const purger = () =>
    new Purger(
      service.provided(ArchiveStore),
      service.provided(MemoryDeletions),
      service.provided(Metrics),
      new NextYear(),
    );
  const scopeOf = (client: Client) => TenantScope.of(tenantId(client.tenantId));

  it('what decayed, faded, came back, and by whom', async () => {
    await sut.setPolicy({
      levels: [{ below: 0.5, payload_keys: ['raw'] }],
      prune: { below: 0.1 },
      every_hours: null,
    });
    const payload = { raw: 'long' };
    const faint = await ours.store({ coord: '1', content: 'x', payload, importance: 0.05 });
    const low = await ours.store({ coord: '2', content: 'y', payload, importance: 0.3 });
    await theirs.store({ coord: '1', content: 'z', importance: 0.01 });
    await sut.run({ dry_run: true });
    await sut.run({ dry_run: false });
    const actor = ours.tokenId;
    expect(await told(ours, 'memories.archive')).toMatchObject([
      { actor, memory_ids: [faint.id], details: { memories: 1 }, outcome: 'done' },
    ]);
    expect(await told(ours, 'memories.fade')).toMatchObject([
      { actor, memory_ids: [low.id], details: { memories: 1, keys: 1 } },
    ]);
    await ok(sut.restore<Memory>(faint.id));
    const { archived } = await sut.archive('kind=fields');
    await ok(sut.restore<Memory>(archived[0]?.id ?? ''));
    expect(await told(ours, 'memories.restore', 2)).toMatchObject([
      { actor, memory_ids: [faint.id], details: { kind: 'memory' } },
      { actor, memory_ids: [low.id], details: { kind: 'fields' } },
    ]);
    await told(ours, 'decay_policy.update');
    const named = await audit.events({ tenant: ours.tenantId, memory: faint.id });
    expect(named.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['memories.archive', 'memories.restore']),
    );
    await audit.verified(theirs.tenantId);
    expect(await told(theirs, 'memories.archive', 0)).toEqual([]);
    await audit.verified(ours.tenantId);
  });

  it('what was over: deleted memories and struck keys, by nobody', async () => {
    await sut.setPolicy({
      levels: [{ below: 0.5, payload_keys: ['raw'] }],
      prune: { below: 0.1 },
      archive_days: 30,
      every_hours: null,
    });
    const payload = { raw: 'long' };
    const faint = await ours.store({ content: 'x', payload, importance: 0.05 });
    const low = await ours.store({ content: 'y', payload, importance: 0.3 });
    await sut.run({ dry_run: false });
    await purger().purgeTenant(scopeOf(ours));
    const [gone] = await told(ours, 'memories.delete');
    expect(gone).toMatchObject({ actor: 'system', memory_ids: [faint.id] });
    expect(await told(ours, 'memories.strike')).toMatchObject([
      { actor: 'system', memory_ids: [low.id], details: { memories: 1, entries: 1 } },
    ]);
    await purger().purgeTenant(scopeOf(ours));
    await audit.verified(ours.tenantId);
    await told(ours, 'memories.strike');
  });

  it('nothing of what was rolled back with its transaction', async () => {
    const { id } = await ours.store({ content: 'x' });
    const times = { at: new Date(), purgeAt: new Date(Date.now() + YEAR_MS) };
    const failed = service.provided(UnitOfWork).run(scopeOf(ours), undefined, async () => {
      await service.provided(DecayStore).archive(scopeOf(ours), [{ id, salience: 0 }], times);
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    await audit.verified(ours.tenantId);
    expect(await told(ours, 'memories.archive', 0)).toEqual([]);
    expect((await ours.read(id)).content).toBe('x');
    expect(await service.provided(ArchiveStore).takeFields(scopeOf(ours), randomUUID())).toBe(
      undefined,
    );
    expect(await told(ours, 'memories.restore', 0)).toEqual([]);
  });

  it('nodes of the hierarchy, counted, and a digest that was kept, by name', async () => {
    const turns = ['Ann moved the launch', 'Ann moved the launch to May'];
    await ours.storeAll(turns.map((content) => ({ content })));
    const done = await ok<{ created: number }>(ours.post('/hierarchy/consolidate', {}));
    expect(done.created).toBeGreaterThan(0);
    const events = await audit.events({ tenant: ours.tenantId, action: 'hierarchy.consolidate' });
    const made = events.map(({ details }) => Number(details['made']));
    expect(made.reduce((sum, count) => sum + count, 0)).toBe(done.created);
    expect(events[0]).toMatchObject({ actor: ours.tokenId, details: { tier: 1, removed: 0 } });
    await ok(ours.post('/hierarchy/consolidate', {}));
    await audit.verified(ours.tenantId);
    await told(ours, 'hierarchy.consolidate', events.length);
    const { memory } = await ok<{ memory: Memory }>(
      ours.post('/hierarchy/summarize', {
        ids: (await ours.list()).memories.map(({ id }) => id),
        store: true,
      }),
    );
    const query = { tenant: ours.tenantId, memory: memory.id, action: 'memories.store' };
    expect(await audit.awaited(query, 1)).toMatchObject([{ details: { kind: 'digest' } }]);
    await audit.verified(theirs.tenantId);
    expect(await told(theirs, 'hierarchy.consolidate', 0)).toEqual([]);
  });
});
