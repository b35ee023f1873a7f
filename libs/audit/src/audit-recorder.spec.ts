import { Logger } from '@nestjs/common';
import { Clock, tenantId, TenantScope, withOrigin } from '@soma/core';
import type { AuditEntry, NotedEvent } from './audit-event.js';
import { AuditLog } from './audit-log.js';
import { AuditRecorder, type RecallMode } from './audit-recorder.js';

const OURS = TenantScope.of(tenantId('0190aaaa-0000-7000-8000-000000000001'));
const ORIGIN = { actor: 'token', requestId: 'request', source: '192.0.2.1' };

/** Keeps what is appended, unless it is away; no test here reads. */
class AppendOnlyLog extends AuditLog {
  readonly batches: (readonly NotedEvent[])[] = [];
  isAway = false;

  override appendNoted(events: readonly NotedEvent[]): Promise<void> {
    if (this.isAway) return Promise.reject(new Error('away'));
    this.batches.push(events);
    return Promise.resolve();
  }

  override append = (): Promise<never> => notHere();
  override list = (): Promise<never> => notHere();
  override chained = (): Promise<never> => notHere();
  override unchained = (): Promise<never> => notHere();
  override chain = (): Promise<never> => notHere();
  override purged = (): Promise<never> => notHere();
  override purge = (): Promise<never> => notHere();
}

const notHere = (): Promise<never> => Promise.reject(new Error('Not asked for here.'));

class SettableClock extends Clock {
  time = new Date('2026-11-21T12:00:00Z');

  override now(): Date {
    return this.time;
  }
}

const recallOf = (memories: number): AuditEntry => ({
  action: 'memories.search',
  targetKind: 'memories',
  target: '',
  outcome: 'done',
  details: {},
  memoryIds: Array.from({ length: memories }, (_, at) => String(at)),
});

function recorderOf(recalls: RecallMode) {
  const [log, clock] = [new AppendOnlyLog(), new SettableClock()];
  const lost: number[] = [];
  const options = { recalls, onLost: (events: number) => void lost.push(events) };
  const recorder = new AuditRecorder(log, clock, options);
  const recall = (memories = 1) =>
    withOrigin(ORIGIN, () => recorder.recall(OURS, recallOf(memories)));
  return { recorder, log, clock, lost, recall };
}

describe(AuditRecorder, () => {
  beforeAll(() => Logger.overrideLogger(false));

  it('P23 writes what it was told at shutdown, by whom and when it was told', async () => {
    const { recorder, log, clock, recall } = recorderOf('buffered');
    await recall();
    const at = clock.time;
    clock.time = new Date(at.getTime() + 3_000);
    expect(recorder.oldestSeconds()).toBe(3);
    expect(log.batches).toEqual([]);
    await recorder.onApplicationShutdown();
    expect(log.batches).toEqual([[expect.objectContaining({ scope: OURS, at, origin: ORIGIN })]]);
    expect(recorder.oldestSeconds()).toBe(0);
  });

  it('P23 writes at most 500 events or 10,000 ids at once, in order', async () => {
    const { recorder, log, recall } = recorderOf('buffered');
    for (let n = 0; n < 501; n++) await recall();
    for (let n = 0; n < 3; n++) await recall(6_000);
    await recorder.onApplicationShutdown();
    expect(log.batches.map((batch) => batch.length)).toEqual([500, 2, 1, 1]);
    const ids = log.batches.flat().map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted());
  });

  it('P23 keeps events while the database is away, and tells of those it had no room for', async () => {
    const { recorder, log, lost, recall } = recorderOf('buffered');
    log.isAway = true;
    for (let n = 0; n < 30; n++) await recall(9_999);
    expect(lost).toHaveLength(10);
    recorder.onApplicationBootstrap();
    log.isAway = false;
    await recorder.onApplicationShutdown();
    const written = log.batches.flat();
    expect(written.filter(({ entry }) => entry.action === 'memories.search')).toHaveLength(20);
    expect(written.filter(({ entry }) => entry.action === 'audit.lost')).toMatchObject([
      { scope: OURS, entry: { outcome: 'failed', details: { events: 10 } } },
    ]);
  });

  it('P23 counts as lost what cannot be written at shutdown', async () => {
    const { recorder, log, lost, recall } = recorderOf('buffered');
    await recall();
    log.isAway = true;
    await recorder.onApplicationShutdown();
    expect(lost).toEqual([1]);
  });

  it('P23 when strict has written it before it resolves, and rejects when it cannot', async () => {
    const { log, recall } = recorderOf('strict');
    await recall();
    expect(log.batches).toHaveLength(1);
    log.isAway = true;
    await expect(recall()).rejects.toThrow('away');
  });

  it('P23 when off notes no recall, but what is none', async () => {
    const { recorder, log, recall } = recorderOf('off');
    await recall();
    await recorder.note(OURS, { ...recallOf(0), action: 'policy.deny' });
    await recorder.onApplicationShutdown();
    expect(log.batches.flat().map(({ entry }) => entry.action)).toEqual(['policy.deny']);
  });
});
