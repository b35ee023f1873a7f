import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';

export interface SeenChat {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: { model: string; messages: { role: string; content: string }[] };
}

export type ChatAnswer = (response: ServerResponse) => void;

export const says =
  (content: unknown): ChatAnswer =>
  (response) =>
    response.end(JSON.stringify({ choices: [{ message: { content } }] }));
export const fails =
  (status: number): ChatAnswer =>
  (response) =>
    response.writeHead(status).end('no');
export const saysNoJson: ChatAnswer = (response) => response.end('<html>');
export const hangs: ChatAnswer = () => {};

/** A chat server on a loopback port that answers by a script, its last line for all that follow. */
export class ScriptedChat {
  readonly seen: SeenChat[] = [];
  private script: ChatAnswer[] = [];
  private readonly server = createServer((request, response) => {
    void this.answer(request, response);
  });

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  answers(...script: readonly ChatAnswer[]): void {
    this.script = [...script];
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.seen.push({
      url: request.url ?? '',
      authorization: request.headers.authorization,
      body: JSON.parse(await readText(request)) as SeenChat['body'],
    });
    const [next] = this.script;
    if (this.script.length > 1) this.script.shift();
    next?.(response);
  }
}
