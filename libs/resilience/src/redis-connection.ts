import { SomaError, timedCall } from '@soma/core';
import { NO_TRACING, type SpanDescription, type Tracing } from '@soma/tracing';
import type { Redis } from 'ioredis';
import { Circuit, outcomeOf } from './circuit.js';

export interface RedisConnectionOptions {
  /** Longest that one call is waited for; 250 unless set. */
  readonly deadlineMs?: number;
  /** How long a failing Redis is left alone; 500 unless set. */
  readonly pauseMs?: number;
  readonly onBreaker?: (isOpen: boolean) => void;
  readonly tracing?: Tracing;
}

const DEADLINE_MS = 250;
const PAUSE_MS = 500;

/**
 * Redis, which may be sick. The first call without an answer is waited for until its deadline; those
 * after it fail at once, until a check made in the background finds Redis well. Whoever calls has a
 * way to do without.
 */
export class RedisConnection {
  private readonly circuit: Circuit;
  private readonly tracing: Tracing;

  /** Owns `client` from now on, but not its `error` event. */
  constructor(
    /** For libraries that want a client: what they do with it belongs inside `run`. */
    readonly client: Redis,
    { deadlineMs, pauseMs, onBreaker, tracing = NO_TRACING }: RedisConnectionOptions = {},
  ) {
    this.tracing = tracing;
    this.circuit = new Circuit({
      dependency: 'Redis',
      deadlineMs: deadlineMs ?? DEADLINE_MS,
      failures: 1,
      pauseMs: pauseMs ?? PAUSE_MS,
      isOutage: (error) => error instanceof Error && error.name !== 'ReplyError',
      outage: (detail, cause) =>
        new SomaError('DEPENDENCY_UNAVAILABLE', detail, { cause, retryAfterSeconds: 1 }),
      probe: () => this.probe(),
      onChange: onBreaker,
    });
  }

  /** @throws SomaError DEPENDENCY_UNAVAILABLE, or what the call throws. */
  run<T>(operation: string, call: (redis: Redis) => Promise<T>): Promise<T> {
    const description: SpanDescription = {
      name: `${operation} redis`,
      kind: 'client',
      attributes: { 'db.system.name': 'redis', 'db.operation.name': operation },
    };
    const work = () => this.circuit.run(operation, () => call(this.client));
    return timedCall(
      { dependency: 'redis', operation },
      () => this.tracing.within(description, work),
      outcomeOf,
    );
  }

  check(): Promise<void> {
    return this.run('answer', async (redis) => void (await redis.ping()));
  }

  close(): void {
    this.circuit.close();
    this.client.disconnect();
  }

  /** A connection that has swallowed a ping is given up: the network may have forgotten it. */
  private async probe(): Promise<void> {
    try {
      await this.client.ping();
    } catch (error) {
      if (this.client.status === 'ready') this.client.disconnect(true);
      throw error;
    }
  }
}
