import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { z } from 'zod';

const requestSchema = z.object({ model: z.string(), input: z.array(z.string()) });

export interface SeenRequest {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: z.infer<typeof requestSchema> & Record<string, unknown>;
}

/** Answers one request; a test gives one for each, the last of them for all that follow. */
export type Answer = (response: ServerResponse, request: SeenRequest) => void;

/** A 2-d embedding of a text: its length, and one. */
export const lengthVector = (text: string): number[] => [text.length, 1];

export const ok: Answer = (response, { body }) =>
  response.end(
    JSON.stringify({
      data: body.input.map((text, index) => ({ index, embedding: lengthVector(text) })),
    }),
  );
export const status =
  (code: number, headers: Record<string, string> = {}, body = ''): Answer =>
  (response) =>
    response.writeHead(code, headers).end(body);
export const body =
  (text: string): Answer =>
  (response) =>
    response.end(text);
export const hang: Answer = () => {};
export const reset: Answer = (response) => response.destroy();

/** An embeddings server on a loopback port that answers by a script and notes what it was sent. */
export class ScriptedProvider {
  readonly seen: SeenRequest[] = [];
  mostAtOnce = 0;
  private atOnce = 0;
  private script: Answer[] = [ok];
  private readonly server = createServer((request, response) => {
    void this.answer(request, response);
  });

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1/embeddings`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  answers(...script: readonly Answer[]): void {
    this.script = [...script];
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    response.once('close', () => this.atOnce--);
    const json: unknown = JSON.parse(await readText(request));
    const seen: SeenRequest = {
      url: request.url ?? '',
      authorization: request.headers.authorization,
      body: requestSchema.loose().parse(json),
    };
    this.seen.push(seen);
    const [next = ok] = this.script;
    if (this.script.length > 1) this.script.shift();
    next(response, seen);
  }
}
