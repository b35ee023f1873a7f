import { disagreements } from './judge.ts';
import { describeRetrieval } from './report.ts';
import { runFile, scoreRun } from './score.ts';

const queries = [
  { id: 'q1', text: '', gold: ['a'], category: 'temporal', group: 'g' },
  { id: 'q2', text: '', gold: ['b'], category: 'multi-hop', group: 'g' },
  { id: 'q3', text: '', gold: ['c'], category: 'temporal', group: 'g' },
];
const rankings = new Map([
  ['q1', ['a', 'x']],
  ['q2', ['x', 'b']],
]);

describe('scoreRun', () => {
  it('scores overall and by category, and a query without a ranking as found nothing', () => {
    const scores = scoreRun(queries, rankings);
    expect(scores.overall).toMatchObject({ 'recall@5': 0.6667, mrr: 0.5, n: 3 });
    expect(Object.keys(scores.by_category)).toEqual(['multi-hop', 'temporal']);
    expect(scores.by_category.temporal).toMatchObject({ 'recall@5': 0.5, n: 2 });
  });
});

describe('runFile', () => {
  it("writes one line per query in the judge's format", () => {
    expect(runFile(rankings)).toBe(
      '{"qid":"q1","ranked":["a","x"]}\n{"qid":"q2","ranked":["x","b"]}\n',
    );
  });
});

describe('disagreements', () => {
  const ours = scoreRun(queries, rankings);

  it('lets the last rounded place differ', () => {
    const judged = { ...ours, overall: { ...ours.overall, mrr: ours.overall.mrr + 0.0001 } };
    expect(disagreements(ours, judged)).toEqual([]);
  });

  it('names what differs by more, and a category only one side has', () => {
    const judged = {
      overall: { ...ours.overall, mrr: 0.51 },
      by_category: { temporal: ours.by_category.temporal ?? ours.overall },
    };
    const found = disagreements(ours, judged);
    expect(found).toContain('overall mrr: 0.5 here, 0.51 by the judge');
    expect(found.filter((line) => line.startsWith('multi-hop'))).toHaveLength(8);
  });
});

describe('describeRetrieval', () => {
  it('prints a row per category and how the run was made', () => {
    const text = describeRetrieval({
      ...scoreRun(queries, rankings),
      set: 'dev',
      embedder: 'hash',
      model: 'hash-768',
      stack: 'embedded',
      k: 100,
      documents: 4,
      took_s: 3,
      store_s: 1,
      search_s: 1,
      latency_ms: { p50: 1, p95: 2, p99: 3 },
      partial: 0,
      judged: true,
    });
    expect(text).toMatch(/^\| overall +\| +0\.667 \|/m);
    expect(text).toContain('4 memories and 3 questions, embedded stack, embedder hash (hash-768)');
    expect(text).toContain('p50 1.0 ms, p95 2.0 ms, p99 3.0 ms; 0 partial answers');
  });
});
