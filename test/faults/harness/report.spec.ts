import { describeReports, faultReport } from './report.ts';
import { RequestLog } from './request-log.ts';

const answer = (status: number, ms: number, headers = {}) => ({
  status,
  ms,
  headers,
  body: { code: 'CODE', detail: 'said so' },
});

describe(RequestLog.name, () => {
  it('counts errors by status and by the way to get no answer, and times the stores', () => {
    const log = new RequestLog();
    log.note('store', answer(201, 10));
    log.note('store', answer(503, 40, { 'retry-after': '1' }));
    log.note('search', { ...answer(0, 90), failure: 'ECONNRESET' });
    log.note('read', answer(404, 5), true);
    expect(log.summary()).toEqual({
      requests: 4,
      errors: { '503': 1, ECONNRESET: 1 },
      longestMs: 90,
      storeP99Ms: 40,
    });
    expect(log.slowest()).toBe('search ECONNRESET after 90 ms');
    expect(log.undocumented()).toEqual([]);
  });

  it('names a 500, and a 503 that does not say when to come back', () => {
    const log = new RequestLog();
    for (const status of [500, 500, 503]) log.note('store', answer(status, 1));
    expect(log.undocumented()).toEqual([
      'store answered 500 CODE: said so',
      'store answered 503 CODE: said so',
    ]);
  });
});

describe(describeReports.name, () => {
  it('is a table, and below it a sentence for each broken promise', () => {
    const report = faultReport('kill redis', {
      verdict: { acknowledged: 9, present: 9, findable: 8, duplicates: 0, broken: ['one is lost'] },
      requests: { requests: 12, errors: { '503': 3 }, longestMs: 12.4, storeP99Ms: 7.6 },
      index: { missing: 1, orphans: 0, doubled: 0, waiting: 0, afterS: 60.04 },
      recoveryS: 1.26,
      broken: ['too slow'],
    });
    const [head, , row, , ...broken] = describeReports([report]).split('\n');
    expect(head?.split('|').map((cell) => cell.trim())).toContain('findable');
    expect(row?.split('|').map((cell) => cell.trim())).toEqual([
      '',
      'kill redis',
      '9',
      '9',
      '8',
      '0',
      '0',
      '503 x3',
      '12',
      '8',
      '1.3',
      '60.0',
      '',
    ]);
    expect(broken).toEqual(['BROKEN kill redis: one is lost', 'BROKEN kill redis: too slow']);
  });
});
