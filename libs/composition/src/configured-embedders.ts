import { Logger } from '@nestjs/common';
import type { EmbeddingConfig, EmbeddingEndpoint } from '@soma/config';
import { SomaError } from '@soma/core';
import {
  BudgetedEmbedder,
  CachedEmbedder,
  type Embedder,
  EmbedderSource,
  type EmbeddingCache,
  type EmbeddingMeter,
  HASH_DIMENSION,
  HashEmbedder,
  JoinedEmbedder,
  MeteredEmbedder,
  modelName,
  type ModelRequest,
  type ModelSpec,
  OpenAiEmbedder,
  parseModelName,
  RecordedEmbedder,
} from '@soma/embedding';
import type { Metrics } from '@soma/observability';
import { NO_TRACING, type Tracing } from '@soma/tracing';
import { canary } from './dependency-checks.js';
import { NOBODY } from './nobody.js';

/** A hash of fewer dimensions is more noise than help. */
const LEAST_HASH_DIMENSION = 128;

const NO_METER: EmbeddingMeter = { spend: () => {}, giveBack: () => {}, record: () => {} };

/** Embedders that the configuration can reach, by the names that are stored beside vectors. */
export class ConfiguredEmbedders extends EmbedderSource {
  readonly configured: string;
  private readonly logger = new Logger('Embedder');
  private readonly bareOnes = new Map<string, Embedder>();
  private readonly forRequests = new Map<string, Embedder>();
  private readonly budgets: BudgetedEmbedder[] = [];

  constructor(
    private readonly config: EmbeddingConfig,
    private readonly cache: EmbeddingCache,
    private readonly metrics: Metrics,
    private readonly meter: EmbeddingMeter = NO_METER,
    private readonly tracing: Tracing = NO_TRACING,
  ) {
    super();
    this.configured = this.nameOf({});
  }

  nameOf({ model, dimension, joinHash }: ModelRequest): string {
    const { config } = this;
    const spec = model === undefined ? undefined : parseModelName(model);
    if (spec && dimension === undefined && joinHash === undefined) return modelName(spec);
    if (model === 'hash' || (model === undefined && config.provider === 'hash')) {
      const configured = config.provider === 'hash' ? config.dimension : HASH_DIMENSION;
      return modelName({ provider: 'hash', dimension: dimension ?? configured });
    }
    const own = config.provider === 'openai' ? config : undefined;
    const name = spec?.provider === 'openai' ? spec.model : (model ?? own?.model);
    const length = dimension ?? own?.dimension;
    if (name === undefined || length === undefined) {
      throw new SomaError(
        'VALIDATION_FAILED',
        'Name the dimension of the model too: the configuration has none of a provider.',
      );
    }
    const rest = HASH_DIMENSION - length;
    const joins = (joinHash ?? own?.joinHash ?? true) && rest >= LEAST_HASH_DIMENSION;
    const alone = { provider: 'openai', model: name, dimension: length } as const;
    return modelName(joins ? { ...alone, hash: rest } : alone);
  }

  open(model: string): Embedder {
    const known = this.forRequests.get(model);
    if (known) return known;
    const bare = this.bare(model);
    const spec = parseModelName(model);
    const own = spec?.provider === 'openai' ? this.budgeted(bare) : bare;
    const metered = new MeteredEmbedder(own, this.meter);
    const embedder = new CachedEmbedder(metered, this.cache, ({ hits, misses }) => {
      this.metrics.embeddingCache.inc({ result: 'hit' }, hits);
      this.metrics.embeddingCache.inc({ result: 'miss' }, misses);
    });
    this.forRequests.set(model, embedder);
    return embedder;
  }

  openPatient(model: string): Embedder {
    return new RecordedEmbedder(this.bare(model), this.meter);
  }

  /** Ends the tries in the background. */
  close(): void {
    for (const budgeted of this.budgets) budgeted.close();
  }

  private bare(model: string): Embedder {
    const known = this.bareOnes.get(model);
    if (known) return known;
    const spec = parseModelName(model);
    if (!spec) {
      throw new SomaError('VALIDATION_FAILED', `This version knows no embedding model ${model}.`);
    }
    const embedder = this.embedderOf(model, spec);
    this.bareOnes.set(model, embedder);
    return embedder;
  }

  private embedderOf(name: string, spec: ModelSpec): Embedder {
    if (spec.provider === 'hash') return new HashEmbedder(spec.dimension);
    const { model, dimension, hash } = spec;
    this.metrics.watchBreaker('embedding-provider');
    const own = new OpenAiEmbedder({
      ...this.endpointFor(name),
      model,
      dimension,
      tracing: this.tracing,
      onBreaker: (isOpen) => this.metrics.breaker('embedding-provider', isOpen),
    });
    return hash === undefined ? own : new JoinedEmbedder(own, new HashEmbedder(hash));
  }

  private budgeted(bare: Embedder): Embedder {
    const { model } = bare;
    const { timeoutMs, requestBudgetMs } = this.endpointFor(model);
    this.metrics.watchBreaker('embedder');
    const budgeted = new BudgetedEmbedder(bare, {
      budgetMs: requestBudgetMs,
      probeMs: timeoutMs,
      probe: async () => void (await bare.embed(NOBODY, [canary(Date.now())])),
      onBreaker: (isOpen) => {
        this.metrics.breaker('embedder', isOpen);
        const said = isOpen ? 'It does not answer: vectors are made later' : 'It answers again';
        this.logger.warn({ model }, said);
      },
    });
    this.budgets.push(budgeted);
    return budgeted;
  }

  private endpointFor(model: string): EmbeddingEndpoint {
    const { endpoint } = this.config;
    if (endpoint) return endpoint;
    throw new SomaError(
      'VALIDATION_FAILED',
      `The embedding model ${model} needs a provider: set SOMA_EMBEDDING_URL.`,
    );
  }
}
