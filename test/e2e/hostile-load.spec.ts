import type { BulkResult, Memory } from '@soma/memory';
import type { SearchBatchResult } from '@soma/search';
import fc from 'fast-check';
import { untilServed } from './http.js';
import { SeededRandom } from './isolation/seeded-random.js';
import { type Client, type Service, startService } from './service.js';

const SEED = 20_261_121;
const HOSTILE_TEXTS = 5_000;
const PAYLOADS = 10_000;
/** So many go into the payload of one memory. */
const PACKED = 25;

const FRAGMENTS = [
  "'",
  '"',
  '\\',
  '%',
  '_',
  '\u2028',
  '\u202e',
  '$1',
  '${1}',
  '\t',
  '\n',
  ';',
  '--',
  '/*',
  '`',
  ' or true',
  ' OR 1=1',
  ' or tenant_id != ""',
  ') or (1 == 1',
  '" or tenant_id like "%',
  'tenant_id',
  'metadata',
  'null',
  ' in []',
  '\\"',
  "''",
  '{"$ne":null}',
  '\ufeff',
  'a',
];

describe('hostile requests in numbers', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
  });
  afterAll(() => service.close());

  it(`let nothing foreign through in ${HOSTILE_TEXTS} filters, and none is a server error`, async () => {
    const random = new SeededRandom(SEED);
    const hostile = (): string =>
      Array.from({ length: 1 + random.below(4) }, () => random.pick(FRAGMENTS)).join('');
    const secret = (n: number) => ({
      content: 'hostile entry of theirs',
      tags: FRAGMENTS.filter((text) => text.trim() !== '').slice(0, 64),
      metadata: { text: FRAGMENTS[n % FRAGMENTS.length], tenant_id: theirs.tenantId },
    });
    await theirs.storeAll(Array.from({ length: 60 }, (_, n) => secret(n)));
    await ours.store({ content: 'hostile entry of ours', metadata: { text: "'" } });
    const foreign = new Set((await theirs.list('limit=200')).memories.map(({ id }) => id));

    const answers = { found: 0, refused: 0, foreign: 0, serverErrors: 0 };
    for (let asked = 0; asked < HOSTILE_TEXTS; asked += 50) {
      const searches = Array.from({ length: 50 }, () => {
        const [text, key] = [hostile(), hostile().replaceAll(/[.\s]/g, '').slice(0, 60)];
        const filter = random.pick([
          { or: [{ tags: text }, { 'metadata.text': text }] },
          { not: { tags: { in: [text] } } },
          { [`metadata.${key}`]: text },
          { [text]: 1 },
          { 'metadata.text': { contains: text }, session_id: { ne: text } },
        ]);
        return { query: 'hostile entry', filter, top_k: 100, recipe: 'dense' };
      });
      const answer = await untilServed(() =>
        ours.post<SearchBatchResult>('/memories/search/batch', { searches }),
      );
      if (answer.status >= 500) answers.serverErrors += 1;
      for (const { status, answer: hits } of answer.body.results) {
        if (status >= 500) answers.serverErrors += 1;
        answers[status === 200 ? 'found' : 'refused'] += 1;
        answers.foreign += hits?.memories.filter(({ id }) => foreign.has(id)).length ?? 0;
      }
    }
    expect(answers).toMatchObject({ foreign: 0, serverErrors: 0 });
    expect(answers.found + answers.refused).toBe(HOSTILE_TEXTS);
    expect(answers.found).toBeGreaterThan(HOSTILE_TEXTS / 2);
  });

  it(`give ${PAYLOADS} random payloads back number for number and letter for letter`, async () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 });
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    const scalar = fc.oneof(text, number, fc.maxSafeInteger(), fc.boolean(), fc.constant(null));
    const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }));
    const payloads = fc
      .sample(fc.dictionary(text, value, { maxKeys: 4 }), { numRuns: PAYLOADS * 1.2, seed: SEED })
      // Without what the service answers 400 to.
      .filter((payload) => !/__proto__|prototype|\\u0000|\\ud[89a-f]/.test(JSON.stringify(payload)))
      .slice(0, PAYLOADS);
    expect(payloads).toHaveLength(PAYLOADS);
    const packed = Array.from({ length: PAYLOADS / PACKED }, (_, n) => ({
      packed: payloads.slice(n * PACKED, (n + 1) * PACKED),
    }));
    for (let from = 0; from < packed.length; from += 100) {
      const part = packed.slice(from, from + 100);
      const memories = part.map((payload) => ({ content: 'x', namespace: 'payloads', payload }));
      const body: BulkResult = await ours.storeAll(memories);
      expect(body.results.map(({ memory }) => memory?.payload)).toEqual(
        JSON.parse(JSON.stringify(part)),
      );
    }
    const read = await ours.list('namespace=payloads&limit=200&order=asc');
    expect(read.memories.map(({ payload }) => JSON.stringify(sorted(payload)))).toEqual(
      packed.slice(0, 200).map((payload) => JSON.stringify(sorted(payload))),
    );
  });

  it('mix up no two tenants in a thousand alternating reads of one coordinate', async () => {
    const clients = [ours, theirs].map((client, n) => ({ client, content: `of tenant ${n}` }));
    for (const { client, content } of clients) await client.store({ coord: '6,6,6', content });
    let mixed = 0;
    for (let asked = 0; asked < 1_000; asked += 20) {
      await Promise.all(
        Array.from({ length: 20 }, async (_, n) => {
          const { client, content } = clients[n % 2] ?? { client: ours, content: '' };
          if ((await client.read('6,6,6')).content !== content) mixed += 1;
        }),
      );
    }
    expect(mixed).toBe(0);
  });

  it('address one memory however a namespace is composed', async () => {
    const [composed, decomposed] = ['caf\u00e9 \u1e69', 'cafe\u0301 s\u0323\u0307'];
    const stored = await ours.store({ coord: '20', content: 'kept', namespace: decomposed });
    for (const namespace of [composed, decomposed]) {
      const path = `/memories/20?namespace=${encodeURIComponent(namespace)}`;
      expect((await ours.get<Memory>(path)).body.id).toBe(stored.id);
      expect((await theirs.get(path)).status).toBe(404);
      const { memories } = await ours.search('kept', { namespace });
      expect(memories.map(({ id }) => id)).toEqual([stored.id]);
    }
  });

  it('make one row of a thousand requests under one key, fifty at once', async () => {
    const client = await service.tenant();
    const key = { 'idempotency-key': 'storm' };
    const store = async (): Promise<string> => {
      const { status, body } = await untilServed(() =>
        client.post<Memory>('/memories', { content: 'x' }, key),
      );
      return `${status} ${JSON.stringify(sorted(body))}`;
    };
    const answers = new Set<string>();
    for (let sent = 0; sent < 1_000; sent += 50) {
      for (const answer of await Promise.all(Array.from({ length: 50 }, store)))
        answers.add(answer);
    }
    expect([...answers]).toEqual([expect.stringMatching(/^201 /)]);
    const { memories, versions, embeddings } = await client.settledStats();
    expect([memories.total, versions, embeddings.total]).toEqual([1, 1, 1]);
  });
});

/** With the keys of every object in one order, which JSON in a database does not keep. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .map(([key, inner]): [string, unknown] => [key, sorted(inner)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
