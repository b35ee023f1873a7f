import { timedCall } from '@soma/core';
import {
  BrokenCircuitError,
  circuitBreaker,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  handleAll,
} from 'cockatiel';
import { z } from 'zod';
import { PolicyDecision } from './policy-decision.js';
import { policyUnavailable } from './policy-failure.js';
import type { PolicyInput } from './policy-input.js';

export interface OpaServerOptions {
  /** Of the rule: `http://127.0.0.1:8181/v1/data/soma/allow`. */
  readonly url: string;
  readonly token: string | undefined;
  readonly timeoutMs: number;
}

const FAILURES_TO_PAUSE = 5;
const PAUSE_MS = 1_000;

const answerSchema = z.object({ result: z.unknown().optional() });

/**
 * A policy asked of an OPA server by its data API, each time within a deadline; after five failures
 * in a row the server is left alone for a second, and nothing is allowed meanwhile.
 */
export class OpaServerPolicy extends PolicyDecision {
  readonly isConfigured = true;
  private readonly breaker: CircuitBreakerPolicy = circuitBreaker(handleAll, {
    breaker: new ConsecutiveBreaker(FAILURES_TO_PAUSE),
    halfOpenAfter: PAUSE_MS,
  });

  constructor(private readonly options: OpaServerOptions) {
    super();
  }

  async isAllowed(input: PolicyInput): Promise<boolean> {
    try {
      return (await this.decide(input)) === true;
    } catch (error) {
      const reason =
        error instanceof BrokenCircuitError ? 'OPA has not been answering' : 'OPA failed';
      throw policyUnavailable(reason, error);
    }
  }

  private decide(input: PolicyInput): Promise<unknown> {
    return timedCall(
      { dependency: 'opa', operation: 'decide' },
      () => this.breaker.execute(() => this.ask(input)),
      (error) => (error instanceof BrokenCircuitError ? 'not-asked' : 'failed'),
    );
  }

  private async ask(input: PolicyInput): Promise<unknown> {
    const { url, token, timeoutMs } = this.options;
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ input }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (answer.status !== 200) throw new Error(`OPA answered ${answer.status}.`);
    return answerSchema.parse(await answer.json()).result;
  }
}
