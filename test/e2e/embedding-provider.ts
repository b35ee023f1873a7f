import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { tenantId, TenantScope } from '@soma/core';
import { HashEmbedder } from '@soma/embedding';

const SCOPE = TenantScope.of(tenantId('018f0000-0000-7000-8000-000000000001'));

/** The model whose vectors are of texts read backwards: alike, and like no other model's. */
export const BACKWARDS = 'backwards';

/** What it says that a text took, whatever its length. */
export const TOKENS_A_TEXT = 5;

/** An embedding server of the tests: its vectors know spelling, and it is away when told. */
export interface EmbeddingProvider {
  readonly settings: Record<string, string>;
  /** Texts it was asked for so far. */
  readonly asked: number;
  /** Every text it made a vector of, by the model asked for. */
  readonly made: ReadonlyMap<string, readonly string[]>;
  /** What each answer takes longer from now on. */
  delayMs: number;
  vectorOf(model: string, text: string): Promise<Float32Array>;
  /** 503 to every request from now on, or no more. */
  setAway(isAway: boolean): void;
  /** From now on no request is answered, nor refused; or each new one is again. */
  setSilent(isSilent: boolean): void;
  close(): Promise<void>;
}

export async function startEmbeddingProvider(dimension = 64): Promise<EmbeddingProvider> {
  const embedder = new HashEmbedder(dimension);
  const made = new Map<string, string[]>();
  let asked = 0;
  let isAway = false;
  let isSilent = false;
  const vectorsOf = (model: string, texts: readonly string[]): Promise<Float32Array[]> =>
    embedder.embed(SCOPE, model === BACKWARDS ? texts.map(backwards) : texts);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    if (isSilent) return;
    if (isAway) {
      response.writeHead(503).end();
      return;
    }
    const { input, model } = JSON.parse(body) as { input: string[]; model: string };
    asked += input.length;
    const vectors = await vectorsOf(model, input);
    if (provider.delayMs > 0) await sleep(provider.delayMs);
    made.set(model, [...(made.get(model) ?? []), ...input]);
    const data = vectors.map((vector, index) => ({ index, embedding: [...vector] }));
    response.setHeader('content-type', 'application/json');
    const usage = { prompt_tokens: TOKENS_A_TEXT * input.length };
    response.end(JSON.stringify({ data, usage }));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const provider: EmbeddingProvider = {
    get asked() {
      return asked;
    },
    settings: {
      SOMA_EMBEDDING_PROVIDER: 'openai',
      SOMA_EMBEDDING_URL: `http://127.0.0.1:${port}/v1/embeddings`,
      SOMA_EMBEDDING_MODEL: 'spelling',
      SOMA_EMBEDDING_DIMENSION: String(dimension),
      SOMA_EMBEDDING_JOIN_HASH: 'off',
      SOMA_EMBEDDING_TIMEOUT_MS: '1000',
    },
    made,
    delayMs: 0,
    vectorOf: async (model, one) => {
      const [vector] = await vectorsOf(model, [one]);
      if (!vector) throw new Error('The embedder left out the text.');
      return vector;
    },
    setAway: (away) => {
      isAway = away;
    },
    setSilent: (silent) => {
      isSilent = silent;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return provider;
}

const backwards = (one: string): string => [...one].reverse().join('');
