import { randomBytes } from 'node:crypto';
import {
  type ChatAnswer,
  ScriptedChat,
} from '../../libs/consolidation/src/scripted-chat.fixture.js';
import { type EmbeddingProvider, startEmbeddingProvider } from './embedding-provider.js';
import { eventually } from './eventually.js';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './otlp-receiver.js';
import { type Client, OPERATOR_TOKEN, type Service, startService } from './service.js';
import { createOwnStack, type OwnStack } from './stack.js';

/** Stands in every text and name that a tenant sends here. */
const CANARY = 'canary5e2d';
const HEADER_SECRET = 'secret-of-the-receiver-77b1';
const EMBEDDING_KEY = 'embedding-key-11c4';
const CHAT_KEY = 'prediction-key-90af';
const KINDS = { internal: 1, server: 2, client: 3, consumer: 5 } as const;
const UNSET = 0;
const FAILED = 2;

const newTraceId = (): string => randomBytes(16).toString('hex');
const callerOf = (traceId: string, flags = '01'): { traceparent: string } => ({
  traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-${flags}`,
});
const saysWithUsage =
  (content: string): ChatAnswer =>
  (response) =>
    response.end(
      JSON.stringify({
        choices: [{ message: { content } }],
        usage: { prompt_tokens: 31, completion_tokens: 7 },
      }),
    );
const named = (spans: readonly ReceivedSpan[], name: string): ReceivedSpan[] =>
  spans.filter((span) => span.name === name);
const has =
  (...names: string[]) =>
  (spans: readonly ReceivedSpan[]): boolean =>
    names.every((name) => named(spans, name).length > 0);
/** Names from a span up to the one that no other of these is the parent of. */
function ancestry(spans: readonly ReceivedSpan[], span: ReceivedSpan): string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [span.name, ...(parent ? ancestry(spans, parent) : [])];
}

describe('P16 what a request sets going', () => {
  const chat = new ScriptedChat();
  let receiver: OtlpReceiver;
  let provider: EmbeddingProvider;
  let stack: OwnStack;
  let service: Service;
  let ours: Client;
  /** `flat` on the embedded stack, else `milvus`. */
  let engine: string;

  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    provider = await startEmbeddingProvider();
    stack = await createOwnStack();
    service = await startService({
      ...stack.settings,
      ...provider.settings,
      SOMA_EMBEDDING_API_KEY: EMBEDDING_KEY,
      SOMA_EMBEDDING_TIMEOUT_MS: '20000',
      SOMA_EMBEDDING_REQUEST_BUDGET_MS: '20000',
      SOMA_PREDICTION_TIMEOUT_MS: '20000',
      SOMA_PREDICTION_URL: await chat.start(),
      SOMA_PREDICTION_MODEL: 'small',
      SOMA_PREDICTION_API_KEY: CHAT_KEY,
      SOMA_TRACES_URL: receiver.url,
      SOMA_TRACES_HEADERS: `x-receiver-key=${HEADER_SECRET}`,
      SOMA_TRACES_SAMPLER: 'parentbased_traceidratio',
    });
    ours = await service.tenant();
    engine = (await ours.stats()).backends.index;
  });
  afterAll(async () => {
    await service.close();
    await stack.drop();
    await provider.close();
    await chat.stop();
    await receiver.close();
  });

  const memory = (text: string) => ({
    namespace: `${CANARY}-namespace`,
    content: `${CANARY} ${text}`,
    payload: { [`${CANARY}-key`]: `${CANARY}-value` },
    tags: [`${CANARY}-tag`],
    speaker: `${CANARY}-speaker`,
  });
  const store = async (text: string) => {
    const traceId = newTraceId();
    const caller = callerOf(traceId);
    const answer = await ours.post<{ id: string }>('/memories', memory(text), caller);
    expect(answer.status).toBe(201);
    return { traceId, caller, id: answer.body.id, headers: answer.headers };
  };
  const INDEXED = 'process index_outbox index';

  it('is one trace, from the request through transaction and outbox to the index', async () => {
    const { traceId, caller, headers } = await store('one trace');
    const spans = await receiver.awaited(
      traceId,
      has(INDEXED, 'POST /memories', `insert ${engine}`),
    );
    const [request] = named(spans, 'POST /memories');
    expect(request).toMatchObject({
      kind: KINDS.server,
      service: 'soma-api',
      parentSpanId: caller.traceparent.split('-')[2],
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/memories',
        'http.response.status_code': 201,
        'soma.request_id': headers.get('x-request-id'),
      },
    });
    const [insert] = named(spans, `insert ${engine}`);
    expect(insert && ancestry(spans, insert)).toEqual([
      `insert ${engine}`,
      INDEXED,
      'postgresql tenant transaction',
      'POST /memories',
    ]);
    expect(insert?.attributes).toMatchObject({
      'db.operation.name': 'insert',
      'db.operation.batch.size': 1,
    });
    const known = new Set(spans.map(({ spanId }) => spanId));
    const strangers = spans.filter(({ parentSpanId }) => !known.has(parentSpanId ?? ''));
    expect(strangers).toEqual([request]);
    expect(spans.every(({ status }) => (status.code ?? UNSET) === UNSET)).toBe(true);
  });

  it('shows calls of models by the conventions for generative AI', async () => {
    const { traceId, id } = await store('models');
    const [embedded] = named(
      await receiver.awaited(traceId, has('embeddings spelling')),
      'embeddings spelling',
    );
    expect(embedded).toMatchObject({
      kind: KINDS.client,
      attributes: {
        'gen_ai.operation.name': 'embeddings',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'spelling',
        'gen_ai.embeddings.dimension.count': 64,
        'server.address': '127.0.0.1',
      },
    });
    const asked = newTraceId();
    chat.answers(saysWithUsage(`${CANARY} says the model`), saysWithUsage('YES'));
    const body = { predict: true, query: `${CANARY} query`, outcome: `${CANARY} outcome` };
    expect(await ours.post(`/memories/${id}/feedback`, body, callerOf(asked))).toMatchObject({
      status: 200,
    });
    const spans = await receiver.awaited(asked, (all) => named(all, 'chat small').length === 2);
    expect(named(spans, 'chat small')).toHaveLength(2);
    expect(named(spans, 'chat small')[0]?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'small',
      'gen_ai.usage.input_tokens': 31,
      'gen_ai.usage.output_tokens': 7,
    });
  });

  it('shows the search of the index under the search', async () => {
    const traceId = newTraceId();
    await ours.post('/memories/search', { query: `${CANARY} one` }, callerOf(traceId));
    const spans = await receiver.awaited(traceId, has('POST /memories/search', `search ${engine}`));
    const [search] = named(spans, `search ${engine}`);
    expect(search && ancestry(spans, search).at(-1)).toBe('POST /memories/search');
  });

  it('belongs to each of the requests that a batch of the outbox is of', async () => {
    const both = await Promise.all([store('first of two'), store('second of two')]);
    for (const { traceId } of both) {
      const spans = await receiver.awaited(traceId, has(INDEXED));
      expect(named(spans, INDEXED)).toHaveLength(1);
    }
  });

  it('goes on when the vector is made later', async () => {
    provider.setAway(true);
    const { traceId } = await store('made later');
    provider.setAway(false);
    const spans = await receiver.awaited(
      traceId,
      has('process index_outbox embed', `insert ${engine}`),
    );
    const [insert] = named(spans, `insert ${engine}`);
    expect(insert && ancestry(spans, insert)).toContain('process index_outbox embed');
    const failed = named(spans, 'embeddings spelling').filter(
      ({ status }) => status.code === FAILED,
    );
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.every(({ status }) => status.message === undefined)).toBe(true);
  });

  it('is followed too when it is refused, by route and status alone', async () => {
    const traceId = newTraceId();
    const answer = await ours.post(
      '/memories',
      { content: 7, [CANARY]: CANARY },
      callerOf(traceId),
    );
    expect(answer.status).toBe(400);
    const unknown = newTraceId();
    await service.request('GET', `/${CANARY}/no/route?q=${CANARY}`, { headers: callerOf(unknown) });
    for (const [trace, name, status] of [
      [traceId, 'POST /memories', 400],
      [unknown, 'GET unmatched', 404],
    ] as const) {
      const spans = await receiver.awaited(trace, has(name));
      expect(named(spans, name)).toMatchObject([
        { attributes: { 'http.response.status_code': status } },
      ]);
    }
  });

  it('is not followed when its caller says so, nor what it left in the outbox', async () => {
    const traceId = newTraceId();
    const later = await (async () => {
      await ours.post('/memories', memory('not followed'), callerOf(traceId, '00'));
      return store('followed, after it');
    })();
    await receiver.awaited(later.traceId, has(INDEXED, 'POST /memories'));
    expect(receiver.spans.filter((span) => span.traceId === traceId)).toEqual([]);
  });

  it('is a trace of its own for a caller that says nothing, or nothing that can be read', async () => {
    for (const traceparent of ['', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`, `x${CANARY}`]) {
      const answer = await ours.get('/namespaces', { traceparent });
      const id = answer.headers.get('x-request-id');
      const span = await eventually(
        () => receiver.spans.find(({ attributes }) => attributes['soma.request_id'] === id),
        (found) => found !== undefined,
      );
      expect(span?.traceId).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
      expect(span?.parentSpanId ?? '').toBe('');
    }
  });

  it('sends nothing of what was said, of who said it, and no secret', async () => {
    expect(receiver.spans.length).toBeGreaterThan(20);
    const sent = receiver.bodies.join('\n');
    const confidential = [
      CANARY,
      ours.tenantId,
      ours.tokenId,
      ours.token,
      OPERATOR_TOKEN,
      HEADER_SECRET,
      EMBEDDING_KEY,
      CHAT_KEY,
    ];
    expect(confidential.filter((text) => sent.includes(text))).toEqual([]);
    expect(receiver.spans.flatMap(({ events }) => events)).toEqual([]);
    expect(receiver.headers.every((one) => one['x-receiver-key'] === HEADER_SECRET)).toBe(true);
  });

  it('leaves out what is asked of it by probes', () => {
    const routes = receiver.spans.map(({ attributes }) => attributes['http.route']);
    expect(routes).toContain('/memories');
    expect(routes.filter((route) => /healthz|readyz|metrics/.test(String(route)))).toEqual([]);
  });
});
