import { SomaError, type TenantScope } from '@soma/core';
import { Circuit } from '@soma/resilience';
import { Embedder } from './embedder.js';
import { Patience } from './patience.js';
import { ProviderFault } from './provider-fault.js';

export interface BudgetOptions {
  /** Longest wait for any vector, in ms: many texts may take longer while vectors keep coming. */
  readonly budgetMs: number;
  /** Longest that a try in the background is waited for. */
  readonly probeMs: number;
  /** Asks the provider for a vector that no cache has. */
  readonly probe: () => Promise<void>;
  /** How long a failing provider is left alone; 1,000 unless set. */
  readonly pauseMs?: number;
  readonly onBreaker?: (isOpen: boolean) => void;
}

const FAILURES = 2;
const PAUSE_MS = 1_000;
/** Texts in one call, of which so many run at once: an answer to any of them is progress. */
const PART = 32;
const CALLS = 4;
/** Above what the most texts of a request take of a provider that is slow and well. */
const WHOLE_MS = 600_000;

/**
 * An embedder for requests, which somebody waits for: it gives up when nothing comes for its budget,
 * and after two such failures does not ask until a try in the background has succeeded. Who can do
 * without a vector for now does so.
 */
export class BudgetedEmbedder extends Embedder {
  readonly model: string;
  readonly dimension: number;
  readonly isSemantic: boolean;
  private readonly circuit: Circuit;

  constructor(
    private readonly embedder: Embedder,
    private readonly options: BudgetOptions,
  ) {
    super();
    this.model = embedder.model;
    this.dimension = embedder.dimension;
    this.isSemantic = embedder.isSemantic;
    this.circuit = new Circuit({
      dependency: 'The embedding provider',
      deadlineMs: WHOLE_MS,
      failures: FAILURES,
      pauseMs: options.pauseMs ?? PAUSE_MS,
      isOutage,
      outage: unavailable,
      probe: options.probe,
      probeDeadlineMs: options.probeMs,
      onChange: options.onBreaker,
    });
  }

  embed(scope: TenantScope, texts: readonly string[]): Promise<Float32Array[]> {
    return this.circuit.run('embed', () => this.patiently(scope, texts));
  }

  close(): void {
    this.circuit.close();
  }

  private async patiently(scope: TenantScope, texts: readonly string[]): Promise<Float32Array[]> {
    const { budgetMs } = this.options;
    const patience = new Patience(budgetMs);
    const vectors: Float32Array[][] = [];
    let next = 0;
    const embedding = async (): Promise<void> => {
      while (next < texts.length && !patience.over) {
        const start = next;
        next += PART;
        vectors[start / PART] = await this.embedder.embed(scope, texts.slice(start, next));
        patience.renew();
      }
    };
    const all = Promise.all(Array.from({ length: CALLS }, embedding));
    await patience.wait(all, () =>
      unavailable(`The embedding provider gave no vector within ${budgetMs} ms.`),
    );
    return vectors.flat();
  }
}

/** What a provider says of one text does not speak for the next. */
const isOutage = (error: unknown): boolean =>
  error instanceof SomaError &&
  error.code === 'EMBEDDING_UNAVAILABLE' &&
  !(error.cause instanceof ProviderFault && !error.cause.outage);

const unavailable = (detail: string, cause?: unknown): SomaError =>
  new SomaError('EMBEDDING_UNAVAILABLE', detail, { cause, retryAfterSeconds: 2 });
