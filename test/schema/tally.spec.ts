import { exceptionOf, EXCEPTIONS } from './exceptions.ts';
import { Progress } from './progress.ts';
import type { ReportEvent } from './report-events.ts';
import { describeTally } from './report.ts';
import { Tally } from './tally.ts';

const encoded = (body: object): string => Buffer.from(JSON.stringify(body)).toString('base64');

interface Answer {
  readonly label?: string;
  readonly status: number;
  readonly body: object;
  readonly check: string;
  readonly outcome: 'success' | 'failure';
}

const event = ({ label = 'GET /memories', status, body, check, outcome }: Answer): ReportEvent => ({
  ScenarioFinished: {
    phase: 'fuzzing',
    recorder: {
      label,
      cases: { a: { value: { method: 'GET', path: '/memories', query: { cursor: 'x' } } } },
      checks: { a: [{ name: check, status: outcome }] },
      interactions: {
        a: {
          request: { method: 'GET', uri: 'http://x/memories' },
          response: { status_code: status, content: { $base64: encoded(body) } },
        },
      },
    },
  },
});

describe(Tally, () => {
  it('counts cases by operation and class of answer, also of sequences', () => {
    const sut = new Tally();
    const held = { body: {}, check: 'not_a_server_error', outcome: 'success' } as const;
    sut.add(event({ ...held, status: 200 }));
    sut.add(event({ ...held, status: 404, label: 'Stateful tests' }));
    sut.add({ EngineFinished: { stop_reason: 'completed' } });
    expect([...sut.operations]).toEqual([
      [
        'GET /memories',
        { cases: 2, accepted: 1, refused: 1, serverErrors: 0, excused: 0, failures: 0 },
      ],
    ]);
    expect([sut.failures, sut.errors, sut.finished]).toEqual([[], [], 1]);
  });

  it('keeps what does not hold, with the request, and shows no token', () => {
    const sut = new Tally();
    const body = { code: 'INTERNAL' };
    sut.add(event({ status: 500, body, check: 'not_a_server_error', outcome: 'failure' }));
    expect(sut.failures).toMatchObject([{ operation: 'GET /memories', status: 500, body }]);
    expect(describeTally(sut)).toMatch(/GET \/memories: not_a_server_error \(fuzzing, 1 times\)/);
  });

  it('tells a machine that was busy from a service that is wrong', () => {
    const sut = new Tally();
    const refused = { status: 503, check: 'not_a_server_error', outcome: 'failure' } as const;
    expect(sut.isOnlyBusy).toBe(false);
    sut.add(event({ ...refused, body: { code: 'DEPENDENCY_UNAVAILABLE' } }));
    expect(sut.isOnlyBusy).toBe(true);
    sut.add({ NonFatalError: { label: 'POST /memories', value: 'drawing was too slow' } });
    expect(sut.isOnlyBusy).toBe(true);
    sut.add(event({ ...refused, body: { code: 'EMBEDDING_UNAVAILABLE' } }));
    expect(sut.isOnlyBusy).toBe(false);
  });

  it('excuses a refusal by its code for its check alone, and never a server error', () => {
    const sut = new Tally();
    const refusal = { status: 400, body: { code: 'CURSOR_INVALID' }, outcome: 'failure' } as const;
    sut.add(event({ ...refusal, check: 'positive_data_acceptance' }));
    expect(sut.failures).toEqual([]);
    sut.add(event({ ...refusal, check: 'response_schema_conformance' }));
    expect(sut.failures).toHaveLength(1);
  });

  it('does not take an operation for tested whose token was refused', () => {
    const sut = new Tally();
    const held = { body: {}, check: 'not_a_server_error', outcome: 'success' } as const;
    sut.add(event({ ...held, status: 401 }));
    expect(sut.shut).toEqual([]);
    sut.add(event({ ...held, status: 403 }));
    expect(sut.shut).toEqual(['GET /memories']);
    expect(describeTally(sut)).toMatch(/ERROR GET \/memories answered 403/);
  });

  it('takes an error of the tool itself for one, and an unfinished run for unfinished', () => {
    const sut = new Tally();
    sut.add({ NonFatalError: { title: 'no such thing' } });
    sut.add({ EngineFinished: { stop_reason: 'interrupted' } });
    expect([sut.errors.length, sut.finished]).toEqual([1, 0]);
  });
});

describe(Progress, () => {
  it('says at once what was found, once, and when a phase begins', () => {
    const lines: string[] = [];
    const sut = new Progress(new Tally(), (line) => lines.push(line));
    const found = {
      body: {},
      status: 500,
      check: 'not_a_server_error',
      outcome: 'failure',
    } as const;
    sut.add(event(found));
    sut.add(event({ ...found, outcome: 'success' }));
    expect(lines).toEqual([
      expect.stringMatching(/\d s: fuzzing began$/),
      expect.stringMatching(/\d s: GET \/memories: not_a_server_error, answered 500$/),
    ]);
  });
});

describe('the exceptions', () => {
  it('say why, and are of a code or a shape each', () => {
    for (const { why, code, matches } of EXCEPTIONS) {
      expect(why.length).toBeGreaterThan(20);
      expect(code ?? matches).toBeDefined();
    }
  });

  it('excuse a bulk only when an item of it was refused', () => {
    const finding = {
      check: 'negative_data_rejection',
      operation: 'POST /memories/bulk',
      status: 200,
    };
    const bodies = [{ results: [{ status: 400 }] }, { results: [{ status: 201 }] }, undefined];
    expect(bodies.map((body) => exceptionOf({ ...finding, body }) !== undefined)).toEqual([
      true,
      false,
      false,
    ]);
  });
});
