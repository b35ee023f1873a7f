import { SomaError } from '@soma/core';
import { MilvusClient, type ResStatus } from '@zilliz/milvus2-sdk-node';
import { withDeadline } from './deadline.js';
import { MilvusRefusal, refused, unreachable } from './milvus-failure.js';
import type { MilvusSettings } from './milvus-options.js';
import { serverFeatures, type ServerFeatures } from './server-features.js';

const MAX_CALLS_AT_ONCE = 64;
const MAX_REASON = 500;

/**
 * The one door to the SDK. Every call has a deadline and no retries, and whatever way the SDK
 * reports a failure (a status in the answer, an answer without one, a thrown object) comes out as
 * SomaError DEPENDENCY_UNAVAILABLE.
 */
export class MilvusConnection {
  private readonly client: MilvusClient;
  private known: Promise<ServerFeatures> | undefined;

  constructor(private readonly settings: MilvusSettings) {
    const { address, token, database, searchTimeoutMs } = settings;
    this.client = new MilvusClient({
      address,
      token,
      database,
      timeout: searchTimeoutMs,
      maxRetries: 0,
      logLevel: 'error',
      pool: { min: 1, max: MAX_CALLS_AT_ONCE },
      telemetry: { enabled: false },
      // Its greeting in the constructor rejects where nobody can catch it.
      __SKIP_CONNECT__: true,
    });
  }

  /** What the server can do, by its version; asked once. */
  async features(): Promise<ServerFeatures> {
    this.known ??= this.readFeatures();
    try {
      return await this.known;
    } catch (error) {
      this.known = undefined;
      throw error;
    }
  }

  /** Asks the server for its version anew: the cheapest proof that it answers. */
  async ping(): Promise<void> {
    await this.readFeatures();
  }

  /** @param operation what is done, as in "could not be asked to …" */
  async call<Answer extends object>(
    operation: string,
    timeoutMs: number,
    send: (client: MilvusClient, timeoutMs: number) => Promise<Answer>,
  ): Promise<Answer> {
    let answer: Answer;
    try {
      answer = await withDeadline(operation, timeoutMs, send(this.client, timeoutMs));
    } catch (error) {
      throw failureOf(operation, error);
    }
    const refusal = refusalOf(operation, answer);
    if (refusal) throw refused(refusal);
    return answer;
  }

  async close(): Promise<void> {
    await this.client.closeConnection();
  }

  private async readFeatures(): Promise<ServerFeatures> {
    const { version } = await this.call(
      'tell its version',
      this.settings.searchTimeoutMs,
      (client) => client.getVersion(),
    );
    return serverFeatures(version);
  }
}

/**
 * The SDK throws Errors of gRPC, which have a code, bare answers, and TypeErrors of its own where an
 * answer that refuses lacks what it reads next.
 */
function failureOf(operation: string, thrown: unknown): SomaError {
  if (thrown instanceof SomaError) return thrown;
  if (!(thrown instanceof Error))
    return refused(refusalOf(operation, thrown) ?? noStatus(operation));
  if ('code' in thrown) return unreachable(operation, thrown);
  return refused(new MilvusRefusal(operation, 'none', thrown.message));
}

/** An unimplemented call is answered with `{}`: success needs to be said. */
function refusalOf(operation: string, answer: unknown): MilvusRefusal | undefined {
  const status = statusOf(answer);
  if (status?.error_code === undefined) return noStatus(operation);
  if (status.error_code === 'Success' && !status.code) return undefined;
  const reason = (status.reason ?? '').slice(0, MAX_REASON);
  return new MilvusRefusal(operation, status.code || status.error_code, reason);
}

const noStatus = (operation: string): MilvusRefusal =>
  new MilvusRefusal(operation, 'none', 'an answer without a status, as of unknown calls');

function statusOf(answer: unknown): Partial<ResStatus> | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  return 'status' in answer ? (answer.status as Partial<ResStatus>) : answer;
}
