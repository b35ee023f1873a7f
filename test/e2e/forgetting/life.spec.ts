import { Clock, tenantId, TenantScope } from '@soma/core';
import { ArchiveStore, Purger } from '@soma/forgetting';
import { recomputeSalience, replayed } from '@soma/hierarchy';
import { type Memory, MemoryDeletions } from '@soma/memory';
import { Metrics } from '@soma/observability';
import { tablesWith } from '../raw-tables.js';
import { ok, problem } from '../http.js';
import { type Client, type Service, startService } from '../service.js';
import { forgettingOf } from './requests.js';

const DAY_MS = 86_400_000;
const FAINT = { prune: { below: 0.1 }, every_hours: null };

class ClockAhead extends Clock {
  constructor(private readonly ms: number) {
    super();
  }

  now(): Date {
    return new Date(Date.now() + this.ms);
  }
}

const purgerAhead = (service: Service, ms: number): Purger =>
  new Purger(
    service.provided(ArchiveStore),
    service.provided(MemoryDeletions),
    service.provided(Metrics),
    new ClockAhead(ms),
  );

describe("a memory's life", () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;
  let sut: ReturnType<typeof forgettingOf>;
  let foreign: ReturnType<typeof forgettingOf>;

  beforeAll(async () => {
    service = await startService();
  });
  beforeEach(async () => {
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    [sut, foreign] = [forgettingOf(service, ours), forgettingOf(service, theirs)];
  });
  afterAll(() => service.close());

  describe('salience', () => {
    it('P27 is told with the parts from which a client computes it again', async () => {
      const memory = await ours.store({ coord: '1', content: 'x', importance: 0.8 });
      const made = Date.parse(memory.created_at);
      const at = new Date(made + 30 * DAY_MS).toISOString();
      const found = await sut.salience('1', `at=${at}`);
      expect(found.salience).toBeCloseTo(0.4, 12);
      const { parts } = found;
      const again = recomputeSalience({
        importance: parts.importance,
        fades: parts.fades,
        idleMs: parts.idle_ms,
        accesses: parts.accesses,
        reinforcement: parts.reinforcement,
        halfLifeMs: parts.half_life_ms,
      });
      expect(again).toBeCloseTo(found.salience, 14);
      expect(await sut.salience('1', `at=${at}`)).toEqual(found);
      expect((await sut.salience('1', `at=${new Date(made - 1).toISOString()}`)).salience).toBe(0);
      expect(await theirs.get('/memories/1/salience')).toMatchObject(problem('MEMORY_NOT_FOUND'));
      expect(await theirs.get(`/memories/${memory.id}/salience`)).toMatchObject(
        problem('MEMORY_NOT_FOUND'),
      );
    });

    it('P27 follows use, the policy of its tenant, and what was known at the time', async () => {
      const memory = await ours.store({ coord: '1', content: 'x', importance: 0.8 });
      const before = new Date().toISOString();
      await new Promise((resolve) => setTimeout(resolve, 5));
      await ours.patch('/memories/1', { importance: 0.2 });
      expect((await sut.salience('1', `at=${before}`)).parts.importance).toBe(0.8);
      expect((await sut.salience('1')).parts.importance).toBe(0.2);
      await ours.read('1');
      expect((await sut.salience('1')).parts.accesses).toBe(1);
      await sut.setPolicy({ half_life_days: { episodic: 1 } });
      expect((await sut.salience(memory.id)).parts.half_life_ms).toBe(DAY_MS);
      await sut.hold('1');
      expect(await sut.salience('1')).toMatchObject({ held: true, parts: { fades: false } });
    });
  });

  describe('feedback', () => {
    it('P35 moves importance within bounds, and is replayed to the same', async () => {
      await ours.store({ coord: '1', content: 'x', importance: 0.5 });
      for (const reward of [1, 1, -1, 0.5, 0]) await sut.feedback('1', { reward });
      const { importance } = await ours.read('1');
      const { feedback } = await ok(
        ours.get<{ feedback: { reward: number; learning_rate: number }[] }>('/memories/1/feedback'),
      );
      const again = replayed(
        0.5,
        feedback.map(({ reward, learning_rate: learningRate }) => ({ reward, learningRate })),
      );
      expect(feedback).toHaveLength(5);
      expect(again).toBeCloseTo(importance, 14);
      expect(importance).toBeCloseTo(0.5896, 10);
      expect(await theirs.get('/memories/1/feedback')).toMatchObject(problem('MEMORY_NOT_FOUND'));
      expect(await theirs.post('/memories/1/feedback', { reward: 1 })).toMatchObject(
        problem('MEMORY_NOT_FOUND'),
      );
    });

    it('P35 stores what was wrong as a fact that corrects it, once under one key', async () => {
      const memory = await ours.store({ coord: '1', content: 'The shop opens at 9' });
      const said = { expected: 'It opens at 9.', outcome: 'It opens at 10' };
      const first = await sut.feedback('1', said, 'once');
      const again = await sut.feedback('1', said, 'once');
      expect(again).toEqual(first);
      expect(first).toMatchObject({ correct: false, reward: -1, importance_after: 0.4 });
      expect(first.correction).toMatchObject({ memory_type: 'semantic', payload: said });
      const { neighbors } = await ours.neighbors(`coord=1&link_type=corrects&direction=in`);
      expect(neighbors.map(({ memory: { id } }) => id)).toEqual([first.correction?.id]);
      const right = await sut.feedback('1', {
        expected: 'it opens  at 10',
        outcome: 'It opens at 10!',
      });
      expect(right).toMatchObject({ correct: true, reward: 1, correction: null, id: memory.id });
      expect(await ours.post('/memories/1/feedback', { outcome: 'x' })).toMatchObject(
        problem('VALIDATION_FAILED'),
      );
    });
  });

  describe('a legal hold', () => {
    it('keeps the memory from deletion, decay and eviction until it is lifted', async () => {
      const held = await ours.store({ coord: '1', content: 'evidence', importance: 0.01 });
      const other = await ours.store({ coord: '2', content: 'no evidence', importance: 0.01 });
      expect((await foreign.hold(held.id)).status).toBe(404);
      expect(await ok(sut.hold('1'))).toMatchObject({ memory_id: held.id, reason: 'case 1' });
      await sut.setPolicy(FAINT);
      expect((await sut.run({ dry_run: false })).map(({ id }) => id)).toEqual([other.id]);
      const refused = problem('MEMORY_ON_HOLD');
      expect(await ours.delete('/memories/1')).toMatchObject(refused);
      const many = (target: object) => ours.post('/memories/delete', { dry_run: false, ...target });
      expect(await many({ ids: [held.id] })).toMatchObject(refused);
      expect(await many({ filter: { importance: { lt: 1 } } })).toMatchObject(refused);
      expect(await ours.delete('/namespaces/default')).toMatchObject(refused);
      expect((await ours.read('1')).content).toBe('evidence');
      expect((await foreign.lift(held.id)).status).toBe(404);
      expect((await sut.lift('1')).status).toBe(204);
      expect(await sut.lift('1')).toMatchObject(problem('HOLD_NOT_FOUND'));
      expect((await ours.delete('/memories/1')).status).toBe(204);
    });

    it('goes with its tenant, if the operator deletes that', async () => {
      await ours.store({ coord: '1', content: 'evidence' });
      await sut.hold('1');
      const path = `/admin/tenants/${ours.tenantId}`;
      const { status } = await service.request('DELETE', path, {
        token: 'operator-token-of-the-tests',
      });
      expect(status).toBeLessThan(300);
    });
  });

  describe('the end of time', () => {
    it('P24 purges what expired, and leaves what is held or of later', async () => {
      const soon = new Date(Date.now() + 12_000).toISOString();
      const word = `ends${Date.now()}`;
      await ours.store({ coord: '1', content: word, expires_at: soon });
      const held = await ours.store({ coord: '2', content: 'kept', expires_at: soon });
      await ours.store({ coord: '3', content: 'later', expires_at: '2999-01-01T00:00:00Z' });
      await theirs.store({ coord: '1', content: 'no end' });
      await ok(sut.hold('2'));
      await new Promise((resolve) => setTimeout(resolve, Date.parse(soon) - Date.now() + 20));
      const purger = service.provided(Purger);
      expect(await purger.purgeTenant(TenantScope.of(tenantId(theirs.tenantId)))).toBe(0);
      expect(await purger.purgeTenant(TenantScope.of(tenantId(ours.tenantId)))).toBe(1);
      expect(await tablesWith(service, [word])).toEqual([]);
      expect(await tablesWith(service, [held.id])).toContain('memories');
      expect((await ours.read('3')).content).toBe('later');
    });

    it('P24 strikes keys from every version, and forgets memories, when the archive is over', async () => {
      await sut.setPolicy({
        levels: [{ below: 0.5, payload_keys: ['raw'] }],
        prune: { below: 0.1 },
        every_hours: null,
        archive_days: 1,
      });
      const [secret, lost] = [`raw${Date.now()}`, `lost${Date.now()}`];
      await ours.store({
        coord: '1',
        content: 'x',
        payload: { raw: secret, k: 1 },
        importance: 0.3,
      });
      await ours.store({ coord: '2', content: lost, importance: 0.05 });
      await sut.run({ dry_run: false });
      expect(await tablesWith(service, [secret])).toEqual(['memory_versions']);
      const { archived } = await sut.archive('kind=fields');
      const purger = purgerAhead(service, 2 * DAY_MS);
      await purger.purgeTenant(TenantScope.of(tenantId(ours.tenantId)));
      expect(await tablesWith(service, [secret, lost])).toEqual([]);
      expect(await sut.restore(archived[0]?.id ?? '')).toMatchObject(problem('ARCHIVE_NOT_FOUND'));
      expect((await ours.read('1')).payload).toEqual({ k: 1 });
    });
  });

  it('P27 evicts by salience, not by importance', async () => {
    const memories: Memory[] = [];
    for (const [coord, importance, type] of [
      ['1', 0.5, 'episodic'],
      ['2', 0.45, 'procedural'],
    ] as const) {
      memories.push(await ours.store({ coord, content: coord, importance, memory_type: type }));
    }
    await sut.setPolicy({ half_life_days: { episodic: 0.000001, procedural: 0 } });
    await ok(
      service.request('PUT', `/admin/tenants/${ours.tenantId}/quotas`, {
        token: 'operator-token-of-the-tests',
        body: { memories: 2, policy: 'evict' },
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    await ours.store({ coord: '3', content: '3', importance: 0.9 });
    const kept = (await ours.list()).memories.map(({ coordinate }) => coordinate);
    expect(kept.sort()).toEqual(['2', '3']);
  });
});
