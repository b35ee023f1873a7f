import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const DIMENSION = 768;

/** An OpenAI-compatible embedding server: the same text, and no other, has the same vector. */
export interface StubEmbedder {
  /** On loopback. */
  readonly port: number;
  close(): Promise<void>;
}

export async function startStubEmbedder(): Promise<StubEmbedder> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The settings of a service that reaches it at this port. */
export const stubEmbedderSettings = (port: number): Record<string, string> => ({
  SOMA_EMBEDDING_PROVIDER: 'openai',
  SOMA_EMBEDDING_URL: `http://127.0.0.1:${port}/v1/embeddings`,
  SOMA_EMBEDDING_MODEL: 'stub',
  SOMA_EMBEDDING_DIMENSION: String(DIMENSION),
  SOMA_EMBEDDING_JOIN_HASH: 'off',
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { input } = JSON.parse(await text(request)) as { input: string | string[] };
  const texts = typeof input === 'string' ? [input] : input;
  const data = texts.map((one, index) => ({ index, embedding: vectorOf(one) }));
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ data }));
}

/** Bytes of SHA-512, block after block, around zero. */
function vectorOf(of: string): number[] {
  const blocks = Array.from({ length: DIMENSION / 64 }, (_, block) =>
    createHash('sha512').update(`${block} ${of}`).digest(),
  );
  return Array.from(Buffer.concat(blocks), (byte) => (byte - 127.5) / 128);
}
