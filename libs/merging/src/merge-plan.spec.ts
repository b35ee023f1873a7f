import { COHESION } from '@soma/hierarchy';
import { planMerges } from './merge-plan.js';
import type { MergeCandidate, MergedCandidate } from './merge-store.js';

const START = Date.parse('2026-01-01T00:00:00Z');

const candidate = (id: string, parts: Partial<MergeCandidate> = {}): MergeCandidate => ({
  id,
  content: 'The user likes tea',
  vector: new Float32Array([1, 0]),
  createdAt: START + id.charCodeAt(0),
  coordinate: id,
  version: 1,
  updatedAt: new Date(START),
  memoryType: 'episodic',
  stays: false,
  kind: 'one',
  ...parts,
});
const behind = (id: string, into: string, content = 'The user likes tea'): MergedCandidate => ({
  id,
  into,
  content,
  vector: new Float32Array([1, 0]),
  createdAt: START,
});

const plan = (read: Partial<Parameters<typeof planMerges>[0]>) =>
  planMerges({ page: [], near: [], behind: [], ...read }, COHESION).map(
    ({ kept, members, behind: moved }) => [
      kept.id,
      members.map(({ id }) => id),
      moved.map(({ id }) => id),
    ],
  );

describe('a plan of merges', () => {
  it('keeps the oldest, or one that stays', () => {
    const [a, b, c] = [candidate('a'), candidate('b'), candidate('c')];
    expect(plan({ page: [c, b, a] })).toEqual([['a', ['b', 'c'], []]]);
    expect(plan({ page: [a, b, { ...c, stays: true }] })).toEqual([['c', ['a', 'b'], []]]);
    const both = [a, { ...b, stays: true }, { ...c, stays: true }];
    expect(plan({ page: both })).toEqual([['b', ['a'], []]]);
    expect(plan({ page: both.slice(1) })).toEqual([]);
  });

  it('is of one kind each', () => {
    expect(plan({ page: [candidate('a'), candidate('b', { kind: 'another' })] })).toEqual([]);
  });

  it('leaves to another step what has none of the page', () => {
    const near = [candidate('a'), candidate('b')];
    const page = [candidate('c', { content: 'The train leaves' })];
    expect(plan({ page, near })).toEqual([]);
    expect(plan({ page: [candidate('c')], near })).toEqual([['a', ['b', 'c'], []]]);
  });

  it('takes along what stands behind, and nothing that is unlike it', () => {
    const [a, b] = [candidate('a'), candidate('b')];
    expect(plan({ page: [a, b], behind: [behind('x', 'b')] })).toEqual([['a', ['b'], ['x']]]);
    const unlike = behind('x', 'b', 'The train leaves');
    expect(plan({ page: [a, b], behind: [unlike] })).toEqual([]);
  });
});
