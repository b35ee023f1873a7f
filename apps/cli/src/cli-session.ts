import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ApiClient, type ApiReply, type ApiRequest } from './api-client.js';
import { usageError } from './cli-error.js';
import type { CliIo } from './cli-io.js';
import { resolveConnection, type Access, type ConnectionFlags } from './connection.js';
import { JsonText } from './json-text.js';
import { renderDetails, type Detail } from './output/details.js';
import { styleFor } from './output/style.js';
import { renderTable, type Column } from './output/table.js';
import { whileWaiting } from './output/waiting-line.js';

/** Longest wait for one request, in seconds, unless the caller said another. */
const WAIT = 30;
const LONG_WAIT = 3_600;

export interface GlobalOptions extends ConnectionFlags {
  readonly json?: boolean;
  readonly timeout?: number;
}

/** One run of one command: its way to the API, to the files it names, and to the terminal. */
export class CliSession {
  private stdinReader: string | undefined;

  constructor(
    readonly io: CliIo,
    private readonly globals: GlobalOptions,
  ) {}

  get isJson(): boolean {
    return this.globals.json === true;
  }

  async api(access: Access = 'tenant', wait = WAIT): Promise<ApiClient> {
    const connection = await resolveConnection(this.globals, this.io, access);
    return new ApiClient(connection, this.io.fetch, (this.globals.timeout ?? wait) * 1000);
  }

  /** Sends what the service may work on for long, saying so meanwhile. */
  async sendLong<T>(access: Access, what: string, request: ApiRequest): Promise<ApiReply<T>> {
    const api = await this.api(access, LONG_WAIT);
    if (this.isJson) return api.send<T>(request);
    return whileWaiting(this.io.stderr, what, api.send<T>(request));
  }

  /** A client for an address and token that are not taken from the usual places. */
  apiAt(url: URL, token: string): ApiClient {
    const connection = { url, token, tokenSource: 'this login' };
    return new ApiClient(connection, this.io.fetch, (this.globals.timeout ?? WAIT) * 1000);
  }

  /**
   * With `--json` the reply as the API wrote it, otherwise what `view` writes. Where the API
   * answers without a body, `empty` stands in for it, so that stdout is always one JSON document.
   */
  show<T>(reply: ApiReply<T>, view: (body: T) => void, empty: object = {}): void {
    if (this.isJson) this.print(`${reply.text.trimEnd() || JSON.stringify(empty)}\n`);
    else view(reply.body);
  }

  /** `show` for what this command put together from several replies. */
  showValue<T extends object>(value: T, view: (value: T) => void): void {
    if (this.isJson) this.print(`${JSON.stringify(value)}\n`);
    else view(value);
  }

  table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): void {
    const { stdout, env } = this.io;
    const width = stdout.isTTY ? (stdout.columns ?? 80) : undefined;
    this.print(renderTable(columns, rows, { width, bold: styleFor(stdout, env).bold }));
  }

  details(details: readonly Detail[]): void {
    this.print(renderDetails(details, styleFor(this.io.stdout, this.io.env).bold));
  }

  print(text: string): void {
    this.io.stdout.write(text);
  }

  /** A remark for a person, beside the output; never with `--json`. */
  note(text: string): void {
    if (!this.isJson) this.io.stderr.write(`${text}\n`);
  }

  warn(text: string): void {
    this.note(`${styleFor(this.io.stderr, this.io.env).yellow('warning:')} ${text}`);
  }

  /** JSON given as text, as `@file`, or as `-` for standard input. */
  async json(flag: string, value: string): Promise<JsonText>;
  async json(flag: string, value: string | undefined): Promise<JsonText | undefined>;
  async json(flag: string, value: string | undefined): Promise<JsonText | undefined> {
    if (value === undefined) return undefined;
    return JsonText.parse(await this.argument(flag, value), flag);
  }

  /** Text given as it is, or as `-` for standard input. */
  async text(flag: string, value: string | undefined): Promise<string | undefined> {
    return value === '-' ? this.standardInput(flag) : value;
  }

  path(name: string): string {
    return resolve(this.io.cwd, name);
  }

  private async argument(flag: string, value: string): Promise<string> {
    if (value === '-') return this.standardInput(flag);
    if (!value.startsWith('@')) return value;
    const path = this.path(value.slice(1));
    return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw usageError(`${flag}: cannot read ${path}: ${error.code ?? error.message}.`);
    });
  }

  private async standardInput(flag: string): Promise<string> {
    if (this.stdinReader !== undefined) {
      throw usageError(`${this.stdinReader} and ${flag} cannot both read standard input.`);
    }
    this.stdinReader = flag;
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.io.stdin) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  }
}

/** Runs `handler` as the command's action, with its options and a session of its own. */
export function onRun<Options>(
  command: Command,
  io: CliIo,
  handler: (session: CliSession, options: Options, args: readonly string[]) => Promise<void>,
): Command {
  return command.action(async () => {
    const options = command.optsWithGlobals<Options & GlobalOptions>();
    await handler(new CliSession(io, options), options, command.args);
  });
}
