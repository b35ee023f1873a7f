import { SomaError, TenantScope, tenantId } from '@soma/core';
import { BoundedLines, type RawLine } from './bounded-lines.js';
import type { ImportLine } from './import-lines.js';
import type { ImportQuery } from './import.schema.js';
import { ImportService } from './import.service.js';
import { failedBy, type LineOutcome } from './line-outcome.js';
import { LineWriter } from './line-writer.js';

const SCOPE = TenantScope.of(tenantId('01890000-0000-7000-8000-000000000001'));
const QUERY: ImportQuery = { namespace: 'default', on_conflict: 'skip', from_line: 1 };

const quota = (): SomaError => new SomaError('QUOTA_EXCEEDED', 'Full.');
const refusal = (): SomaError => new SomaError('MEMORY_DERIVED', 'Derived.');

/** Writes what `rule` lets it, all or nothing, and keeps what it was given at once. */
class WriterByRule extends LineWriter {
  readonly written: number[] = [];
  readonly batches: number[] = [];

  constructor(private readonly rule: (value: unknown, kept: number) => SomaError | undefined) {
    super(undefined as never, undefined as never);
  }

  override write(_scope: TenantScope, lines: readonly ImportLine[]): Promise<LineOutcome[]> {
    this.batches.push(lines.length);
    const added: number[] = [];
    for (const line of lines) {
      const error = line.fault ?? this.rule(line.value, this.written.length + added.length);
      if (error && !line.fault) return Promise.reject(error);
      added.push(line.number);
    }
    this.written.push(...added);
    return Promise.resolve(
      lines.map(({ fault }) => (fault ? failedBy(fault) : { kind: 'stored' as const })),
    );
  }
}

async function* parts(text: string, size: number): AsyncGenerator<RawLine[]> {
  const lines = new BoundedLines(50);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) {
    yield lines.add(bytes.subarray(at, at + size));
  }
  yield lines.end();
}

const numbers = (count: number): string =>
  Array.from({ length: count }, (_, n) => `${n + 1}\n`).join('');

const parse = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new SomaError('JSON_INVALID', 'No JSON.');
  }
};

const run = (
  writer: LineWriter,
  text: string,
  {
    query = QUERY,
    late = new AbortController().signal,
    lines = parts(text, 64),
  }: { query?: ImportQuery; late?: AbortSignal; lines?: AsyncIterator<RawLine[]> } = {},
) =>
  new ImportService(writer).run(
    SCOPE,
    query,
    { lines, parse },
    { canLink: true, late, inTurn: (work) => work() },
  );

describe(ImportService.name, () => {
  it('P30 writes a hundred lines at a time', async () => {
    const writer = new WriterByRule(() => undefined);
    const result = await run(writer, numbers(250));
    expect(result).toMatchObject({ read: 250, stored: 250, next_line: null, stopped: null });
    expect(writer.batches).toEqual([100, 100, 50]);
  });

  it('P30 fills the quota to the last line that fits, and says where to go on', async () => {
    const writer = new WriterByRule((_, kept) => (kept === 137 ? quota() : undefined));
    const result = await run(writer, numbers(400));
    expect(result).toMatchObject({
      read: 137,
      stored: 137,
      next_line: 138,
      stopped: { reason: 'quota', status: 507, code: 'QUOTA_EXCEEDED', detail: 'Full.' },
    });
    expect(writer.written).toEqual(Array.from({ length: 137 }, (_, n) => n + 1));
    const rest = await run(new WriterByRule(() => undefined), numbers(400), {
      query: { ...QUERY, from_line: 138 },
    });
    expect(rest).toMatchObject({ read: 263, stored: 263, next_line: null });
  });

  it('P30 finds the lines for which a whole batch is refused', async () => {
    const writer = new WriterByRule((value) =>
      value === 7 || value === 8 || value === 250 ? refusal() : undefined,
    );
    const result = await run(writer, numbers(300));
    expect(result).toMatchObject({ read: 300, stored: 297, failed: 3, next_line: null });
    expect(result.errors.map(({ line, code }) => [line, code])).toEqual([
      [7, 'MEMORY_DERIVED'],
      [8, 'MEMORY_DERIVED'],
      [250, 'MEMORY_DERIVED'],
    ]);
  });

  it('P30 stops after a thousand faults, and tells the first hundred', async () => {
    const writer = new WriterByRule(() => undefined);
    const result = await run(writer, 'no json\n'.repeat(5_000));
    expect(result).toMatchObject({ read: 1_000, failed: 1_000, next_line: 1_001 });
    expect(result.stopped).toMatchObject({ reason: 'errors', code: null });
    expect(result.errors.map(({ line }) => line)).toEqual(
      Array.from({ length: 100 }, (_, n) => n + 1),
    );
  });

  it('P30 stops at what is no fault of a line, and fails if nothing was done before', async () => {
    const away = () => new SomaError('DEPENDENCY_UNAVAILABLE', 'Away.');
    const writer = new WriterByRule((value) => (value === 150 ? away() : undefined));
    expect(await run(writer, numbers(300))).toMatchObject({
      stored: 100,
      next_line: 101,
      stopped: { reason: 'failure', status: 503, code: 'DEPENDENCY_UNAVAILABLE' },
    });
    await expect(run(new WriterByRule(away), numbers(3))).rejects.toMatchObject({
      code: 'DEPENDENCY_UNAVAILABLE',
    });
  });

  it('P30 stores what has come when its time is over, whether or not more comes', async () => {
    const clock = new AbortController();
    async function* stalling(): AsyncGenerator<RawLine[]> {
      yield* parts(numbers(20), 1_000);
      setTimeout(() => clock.abort(), 10);
      await new Promise(() => undefined);
    }
    const writer = new WriterByRule(() => undefined);
    const result = await run(writer, '', { late: clock.signal, lines: stalling() });
    expect(result).toMatchObject({ stored: 20, next_line: 21, stopped: { reason: 'time' } });
    const tooLate = await run(writer, numbers(20), { late: AbortSignal.abort() });
    expect(tooLate).toMatchObject({ read: 0, next_line: 1, stopped: { reason: 'time' } });
  });

  it('P30 counts a line that is too long among those that failed', async () => {
    const result = await run(new WriterByRule(() => undefined), `1\n${'2'.repeat(51)}\n3\n`);
    expect(result).toMatchObject({
      stored: 2,
      errors: [{ line: 2, status: 413, code: 'BODY_TOO_LARGE' }],
    });
  });
});
