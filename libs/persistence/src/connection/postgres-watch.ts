import { Client, type PoolClient } from 'pg';
import { askServer, backendOf, type ServerAnswer } from './ask-server.js';
import type { Patience } from './patience.js';

/** A statement without an answer as yet. */
interface Statement {
  readonly client: Client;
  readonly startedAt: number;
  /** When the server was last seen at work on it; at first, when it was sent. */
  seenAt: number;
  /** The server was not at work on it: its answer is on the way, or lost. */
  isSuspect: boolean;
}

export interface WatchOptions {
  /** Asks the server which of these backends are at work. */
  readonly ask: (backends: readonly number[]) => Promise<ServerAnswer>;
  /** How long a statement is silent before the server is asked about it, and asked again. */
  readonly silenceMs: number;
  readonly onChange?: (isAway: boolean) => void;
}

const SWEEP_MS = 100;
/** How long an answer may still be on its way. */
const GRACE_MS = 150;
/** Above every statement timeout: what is silent so long is given up whatever the server says. */
const LONGEST_MS = 12_000;
const PROBE_MS = 500;

/**
 * Looks after statements whose answer does not come. A deadline would cut long work that is well, so
 * the server is asked instead, by another way, whether it is still at work: if not, the connection is
 * given up; if it does not answer either and no other statement was answered meanwhile, it is away:
 * all connections are given up, and none is asked for until a try in the background succeeds.
 */
export class PostgresWatch {
  private readonly clients = new Set<Client>();
  private readonly statements = new Set<Statement>();
  private sweeping: NodeJS.Timeout | undefined;
  private probing: NodeJS.Timeout | undefined;
  private isAsking = false;
  private isClosed = false;
  private answeredAt = 0;
  private away = false;

  constructor(private readonly options: WatchOptions) {}

  static of(
    url: string,
    { silenceMs, askMs }: Pick<Patience, 'silenceMs' | 'askMs'>,
    onChange: (isAway: boolean) => void,
  ): PostgresWatch {
    return new PostgresWatch({
      ask: (backends) => askServer(url, backends, askMs),
      silenceMs,
      onChange,
    });
  }

  get isAway(): boolean {
    return this.away;
  }

  /** Looks after all statements of a connection from now on, and after its loss. */
  add(client: PoolClient): void {
    if (!(client instanceof Client)) return;
    this.clients.add(client);
    client.on('error', () => {});
    client.once('end', () => this.clients.delete(client));
    const query: unknown = client.query.bind(client);
    if (typeof query !== 'function') return;
    const watched = (...given: unknown[]): unknown => {
      const answered = this.begin(client);
      const callback = given.at(-1);
      if (typeof callback === 'function') {
        const told = (...answer: unknown[]): unknown => {
          answered();
          return Reflect.apply(callback, undefined, answer);
        };
        return Reflect.apply(query, undefined, [...given.slice(0, -1), told]);
      }
      const result: unknown = Reflect.apply(query, undefined, given);
      if (result instanceof Promise) result.then(answered, answered);
      else answered();
      return result;
    };
    Object.defineProperty(client, 'query', { value: watched });
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.sweeping);
    clearTimeout(this.probing);
  }

  private begin(client: Client): () => void {
    const now = performance.now();
    const statement = { client, startedAt: now, seenAt: now, isSuspect: false };
    this.statements.add(statement);
    this.sweepLater();
    return () => {
      if (this.statements.delete(statement)) this.answeredAt = performance.now();
    };
  }

  private sweepLater(): void {
    if (this.sweeping || this.isClosed) return;
    this.sweeping = setTimeout(() => {
      // Answers that came while this process was busy are read first.
      setImmediate(() => {
        this.sweeping = undefined;
        this.sweep();
        if (this.statements.size > 0) this.sweepLater();
      });
    }, SWEEP_MS).unref();
  }

  private sweep(): void {
    const now = performance.now();
    for (const { client, startedAt } of this.statements) {
      if (now - startedAt > LONGEST_MS) this.giveUp(client);
    }
    if (this.isAsking) return;
    const silent = [...this.statements].filter(
      ({ seenAt, isSuspect }) => now - seenAt > (isSuspect ? GRACE_MS : this.options.silenceMs),
    );
    if (silent.length > 0) void this.askAbout(silent);
  }

  private async askAbout(silent: readonly Statement[]): Promise<void> {
    this.isAsking = true;
    const askedAt = performance.now();
    const backends = silent.map(({ client }) => backendOf(client)).filter((pid) => pid !== 0);
    const answer = await this.options.ask(backends);
    this.isAsking = false;
    if (answer.kind === 'away' && this.answeredAt < askedAt) {
      this.fallAway();
      return;
    }
    const now = performance.now();
    for (const statement of silent) {
      if (!this.statements.has(statement)) continue;
      statement.seenAt = now;
      if (answer.kind !== 'answered') continue;
      const isAtWork = answer.atWork.has(backendOf(statement.client));
      if (!isAtWork && statement.isSuspect) this.giveUp(statement.client);
      statement.isSuspect = !isAtWork;
    }
  }

  private fallAway(): void {
    if (this.away || this.isClosed) return;
    this.away = true;
    this.options.onChange?.(true);
    for (const client of this.clients) this.giveUp(client);
    this.probeLater();
  }

  private probeLater(): void {
    this.probing = setTimeout(() => void this.probe(), PROBE_MS).unref();
  }

  private async probe(): Promise<void> {
    const { kind } = await this.options.ask([]);
    if (this.isClosed) return;
    if (kind === 'away') {
      this.probeLater();
      return;
    }
    this.away = false;
    this.options.onChange?.(false);
  }

  /** Every statement of the connection fails, and the pool forgets it. */
  private giveUp(client: Client): void {
    for (const statement of this.statements) {
      if (statement.client === client) this.statements.delete(statement);
    }
    client.connection.stream.destroy(new Error('Connection terminated: no answer.'));
  }
}
