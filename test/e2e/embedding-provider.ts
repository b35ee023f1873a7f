import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { tenantId, TenantScope } from '@soma/core';
import { HashEmbedder } from '@soma/embedding';

const SCOPE = TenantScope.of(tenantId('018f0000-0000-7000-8000-000000000001'));

/** An embedding server of the tests: its vectors know spelling, and it is away when told. */
export interface EmbeddingProvider {
  readonly settings: Record<string, string>;
  /** 503 to every request from now on, or no more. */
  setAway(isAway: boolean): void;
  close(): Promise<void>;
}

export async function startEmbeddingProvider(dimension = 64): Promise<EmbeddingProvider> {
  const embedder = new HashEmbedder(dimension);
  let isAway = false;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    if (isAway) {
      response.writeHead(503).end();
      return;
    }
    const { input } = JSON.parse(body) as { input: string[] };
    const vectors = await embedder.embed(SCOPE, input);
    const data = vectors.map((vector, index) => ({ index, embedding: [...vector] }));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ data }));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    settings: {
      SOMA_EMBEDDING_PROVIDER: 'openai',
      SOMA_EMBEDDING_URL: `http://127.0.0.1:${port}/v1/embeddings`,
      SOMA_EMBEDDING_MODEL: 'spelling',
      SOMA_EMBEDDING_DIMENSION: String(dimension),
      SOMA_EMBEDDING_JOIN_HASH: 'off',
      SOMA_EMBEDDING_TIMEOUT_MS: '1000',
    },
    setAway: (away) => {
      isAway = away;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
