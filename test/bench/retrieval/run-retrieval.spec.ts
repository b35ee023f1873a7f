import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { NewMemory } from '../contract.ts';
import { SomaClient } from '../soma-client.ts';
import type { Doc, Query } from './dataset.ts';
import { runRetrieval } from './run-retrieval.ts';

/** Answers the three routes the runner uses; ranks a namespace's memories newest first. */
class ContractServer {
  readonly stored: NewMemory[] = [];
  readonly searches: unknown[] = [];
  refusing = false;
  limited = 0;
  readonly #server: Server = createServer((request, response) => {
    void text(request).then((body) => {
      if (this.limited-- > 0) return response.writeHead(429, { 'retry-after': '0.1' }).end();
      const url = new URL(request.url ?? '', 'http://localhost');
      const answer = this.#answer(url, body === '' ? {} : JSON.parse(body));
      return response.end(JSON.stringify(answer));
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
  }

  #answer(url: URL, body: { memories?: NewMemory[]; namespace?: string }): unknown {
    const namespace = url.searchParams.get('namespace') ?? body.namespace;
    const own = this.stored.filter(
      (memory) => namespace === undefined || memory.namespace === namespace,
    );
    if (url.pathname === '/stats') {
      return { memories: { total: own.length }, embeddings: { pending: 0, model: 'fake' } };
    }
    if (url.pathname === '/memories/search') {
      this.searches.push(body);
      return { memories: own.toReversed(), partial: own.length > 1 };
    }
    if (this.refusing) {
      const error = { code: 'VALIDATION_FAILED', detail: 'no' };
      return { results: [{ index: 0, status: 400, error }], stored: 0, failed: 1 };
    }
    this.stored.push(...(body.memories ?? []));
    return { results: [], stored: body.memories?.length, failed: 0 };
  }
}

const doc = (id: string, group: string): Doc => ({
  id,
  text: `text of ${id}`,
  ts: '2026-01-01',
  group,
  speaker: '',
  session: 's',
  pos: 0,
});
const query = (id: string, group: string): Query => ({
  id,
  text: 'what?',
  gold: ['a'],
  category: 'c',
  group,
});
const dataset = {
  docs: [doc('a', 'one'), doc('b', 'one'), doc('a', 'two')],
  queries: [query('q1', 'one'), query('q2', 'two')],
};

const options = { k: 7, bulkItems: 2 };

describe(runRetrieval.name, () => {
  let server: ContractServer;
  let client: SomaClient;

  beforeEach(async () => {
    server = new ContractServer();
    client = new SomaClient(await server.start(), 'token');
  });

  afterEach(() => {
    client.close();
    server.stop();
  });

  it('stores each group in its namespace and ranks document ids per question', async () => {
    const run = await runRetrieval(client, dataset, options);
    expect(server.stored.map(({ namespace, content }) => `${namespace} ${content}`)).toEqual([
      'one text of a',
      'one text of b',
      'two text of a',
    ]);
    expect(server.searches).toContainEqual({ query: 'what?', namespace: 'two', top_k: 7 });
    expect([...run.rankings]).toEqual([
      ['q1', ['b', 'a']],
      ['q2', ['a']],
    ]);
    expect(run).toMatchObject({ model: 'fake', partial: 1 });
  });

  it('refuses a namespace that already holds memories', async () => {
    await runRetrieval(client, dataset, options);
    await expect(runRetrieval(client, dataset, options)).rejects.toThrow(
      'already holds 2 memories',
    );
  });

  it('stops when the service refuses a document', async () => {
    server.refusing = true;
    await expect(runRetrieval(client, dataset, options)).rejects.toThrow('VALIDATION_FAILED no');
  });

  it('waits when the service limits its rate', async () => {
    server.limited = 2;
    const run = await runRetrieval(client, dataset, options);
    expect(run.rankings.size).toBe(2);
  });
});
