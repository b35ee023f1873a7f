import { CHAIN_START, followChain, hashOfEvent } from './audit-chain.js';
import type { AuditEvent } from './audit-event.js';

const START = { sequence: 0, hash: CHAIN_START };

function chainOf(count: number): AuditEvent[] {
  let previous = CHAIN_START;
  return Array.from({ length: count }, (_, index) => {
    const bare: AuditEvent = {
      tenant_id: '0190aaaa-0000-7000-8000-000000000001',
      id: `0190aaaa-0000-7000-8000-00000000010${index}`,
      sequence: null,
      occurred_at: `2026-11-21T12:00:0${index}.000001Z`,
      actor: 'token',
      action: 'memories.delete',
      target_kind: 'deletion',
      target: String(index),
      request_id: 'request',
      source: '192.0.2.1',
      outcome: 'accepted',
      details: { b: 1, a: { d: 2, c: index } },
      memory_ids: index % 2 === 0 ? ['0190aaaa-0000-7000-8000-000000000201'] : [],
      previous_hash: null,
      hash: null,
    };
    const hash = hashOfEvent(bare, index + 1, previous);
    const event = { ...bare, sequence: index + 1, previous_hash: previous, hash };
    previous = hash;
    return event;
  });
}

const changed = (events: AuditEvent[], at: number, change: Partial<AuditEvent>): AuditEvent[] =>
  events.map((event, index) => (index === at ? { ...event, ...change } : event));

describe(followChain, () => {
  it('P23 follows an untouched chain to its head, also in parts', () => {
    const events = chainOf(5);
    const whole = followChain(START, events);
    expect(whole).toEqual({ head: { sequence: 5, hash: events[4]?.hash } });
    const { head } = followChain(START, events.slice(0, 2));
    expect(followChain(head, events.slice(2))).toEqual(whole);
  });

  it.each<[string, Partial<AuditEvent>]>([
    ['the time, by a microsecond', { occurred_at: '2026-11-21T12:00:02.000002Z' }],
    ['the actor', { actor: 'another' }],
    ['the action', { action: 'memories.read' }],
    ['the target', { target: '9' }],
    ['the source', { source: '192.0.2.2' }],
    ['the outcome', { outcome: 'done' }],
    ['the details', { details: { b: 1, a: { d: 2, c: 9 } } }],
    ['a memory', { memory_ids: ['0190aaaa-0000-7000-8000-000000000202'] }],
    ['the memories, by taking them out', { memory_ids: [] }],
    ['the tenant', { tenant_id: '0190aaaa-0000-7000-8000-000000000002' }],
    ['the hash', { hash: 'f'.repeat(64) }],
    ['the hash before', { previous_hash: 'f'.repeat(64) }],
  ])('P23 stops where somebody changed %s', (_what, change) => {
    const { head, broken } = followChain(START, changed(chainOf(5), 2, change));
    expect(head.sequence).toBe(2);
    expect(broken?.target_kind).toBe('deletion');
  });

  it('P23 stops where an event was taken out, or two were swapped', () => {
    const [first, second, third] = chainOf(3) as [AuditEvent, AuditEvent, AuditEvent];
    expect(followChain(START, [first, third]).head.sequence).toBe(1);
    expect(followChain(START, [second, first, third]).head.sequence).toBe(0);
  });

  it('does not depend on the order of keys', () => {
    const [event] = chainOf(1) as [AuditEvent];
    const reordered = { ...event, details: { a: { c: 0, d: 2 }, b: 1 } };
    expect(followChain(START, [reordered]).broken).toBeUndefined();
  });
});
