import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from './client.js';
import { eventually } from './eventually.js';
import { type OtlpReceiver, startOtlpReceiver } from './otlp-receiver.js';
import { type ServiceProcess, spawnService } from './service-process.js';

const OPERATOR = 'operator-token-of-the-traces';
const HEADER_SECRET = 'secret-of-the-receiver-3d9e';
/** Prints each module of OpenTelemetry's that a process loads, by its package. */
const WATCH = `import { registerHooks } from 'node:module';
registerHooks({ load(url, context, next) {
  const found = /node_modules\\/(@opentelemetry\\/[a-z-]+)\\//.exec(url);
  if (found) process.stdout.write('loaded ' + found[1] + '\\n');
  return next(url, context);
} });`;
const WATCHING = `--import=data:text/javascript,${encodeURIComponent(WATCH)}`;

describe('P16 a process', () => {
  const folders: string[] = [];
  const services: ServiceProcess[] = [];
  let receiver: OtlpReceiver;

  const start = async (settings: Record<string, string>): Promise<ServiceProcess> => {
    const folder = mkdtempSync(join(tmpdir(), 'soma-traces-'));
    folders.push(folder);
    const service = await spawnService(folder, {
      SOMA_DATA_DIR: './kept',
      SOMA_ADMIN_TOKEN: OPERATOR,
      ...settings,
    });
    services.push(service);
    return service;
  };
  const linesOf = (service: ServiceProcess, requestId: string | null) =>
    service
      .output()
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line['request_id'] === requestId);
  const loadedBy = (service: ServiceProcess) =>
    new Set([...service.output().matchAll(/^loaded (\S+)$/gm)].map(([, name]) => name));

  beforeAll(async () => {
    receiver = await startOtlpReceiver();
  });
  afterEach(async () => {
    for (const service of services.splice(0)) await service.end('SIGKILL');
  });
  afterAll(async () => {
    await receiver.close();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  it('loads no SDK unless it is told whereto spans go', async () => {
    const off = await start({ NODE_OPTIONS: WATCHING });
    // That of the metrics' library, which asks it for exemplars.
    expect([...loadedBy(off)].filter((name) => name !== '@opentelemetry/api')).toEqual([]);
    const on = await start({ NODE_OPTIONS: WATCHING, SOMA_TRACES_URL: receiver.url });
    expect(loadedBy(on)).toContain('@opentelemetry/sdk-trace');
  });

  it('writes the ids of request and trace into every line of a request, and no secret', async () => {
    const service = await start({
      SOMA_TRACES_URL: receiver.url,
      SOMA_TRACES_HEADERS: `authorization=Basic%20${HEADER_SECRET}`,
      SOMA_LOG_LEVEL: 'trace',
    });
    const client = await createClient(service.url, OPERATOR);
    const traceId = randomBytes(16).toString('hex');
    const traceparent = `00-${traceId}-${'1'.repeat(16)}-01`;
    const answer = await client.post('/memories', { content: 'logged' }, { traceparent });
    await receiver.awaited(traceId, (all) => all.some(({ name }) => name === 'POST /memories'));
    // A line may still be on its way when all spans are there.
    const lines = await eventually(
      () => linesOf(service, answer.headers.get('x-request-id')),
      ({ length }) => length > 0,
    );
    const ids = lines.map((line) => line['span_id']);
    await receiver.awaited(traceId, (all) =>
      ids.every((id) => all.some(({ spanId }) => spanId === id)),
    );
    for (const line of lines) expect(line['trace_id']).toBe(traceId);
    expect(service.output()).not.toContain(HEADER_SECRET);
    expect(receiver.headers.at(-1)?.['authorization']).toBe(`Basic ${HEADER_SECRET}`);
  });

  it('answers and ends as ever while nobody takes its spans, and counts those lost', async () => {
    const service = await start({ SOMA_TRACES_URL: 'http://127.0.0.1:1/v1/traces' });
    const client = await createClient(service.url, OPERATOR);
    await client.store({ content: 'not followed by anybody' });
    const lost = async (): Promise<number> => {
      const { body } = await client.get<string>('/metrics');
      return Number(/^soma_spans_lost_total (\d+)$/m.exec(body)?.[1]);
    };
    expect(await lost()).toBeGreaterThanOrEqual(0);
    await eventually(lost, (count) => count > 0);
    // Its spans are still to be sent when the process is told to end.
    await client.store({ content: 'not followed either' });
    const began = Date.now();
    expect(await service.end('SIGTERM')).toBe(0);
    // In the time that an orchestrator gives, on a busy machine too.
    expect(Date.now() - began).toBeLessThan(25_000);
  });

  it.each([
    ['SOMA_TRACES_URL', 'nowhere'],
    ['SOMA_TRACES_RATIO', '2'],
    ['SOMA_TRACES_SAMPLER', 'always'],
  ])('does not start with %s=%s', async (name, value) => {
    await expect(start({ SOMA_TRACES_URL: receiver.url, [name]: value })).rejects.toThrow(name);
  });

  it('does not start with headers that are none, nor shows them', async () => {
    const settings = { SOMA_TRACES_URL: receiver.url, SOMA_TRACES_HEADERS: HEADER_SECRET };
    const failure = await start(settings).then(
      () => 'started',
      (error: unknown) => String(error),
    );
    expect(failure).toContain('SOMA_TRACES_HEADERS');
    expect(failure).not.toContain(HEADER_SECRET);
  });
});
