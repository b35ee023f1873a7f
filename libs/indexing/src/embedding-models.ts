import { Logger } from '@nestjs/common';
import { SomaError } from '@soma/core';
import { Embedder, Embedders, type EmbedderSource } from '@soma/embedding';
import type { ModelState, ModelStore, UsedModel } from './model-store.js';

const POLL_MS = 1_000;
const RETRY_AFTER_SECONDS = 5;

type Several = readonly [Embedder, ...Embedder[]];

interface InUse {
  readonly writing: Several;
  readonly patient: Several;
}

/** Whether writes and late embedding keep up vectors of a model in this state. */
const KEPT: Readonly<Record<ModelState, boolean>> = {
  building: true,
  refused: true,
  ready: true,
  switching: true,
  active: true,
  retired: true,
  dropping: false,
  dropped: false,
};

export interface EmbeddingModelsOptions {
  /** Told of each model that searches may use soon. */
  readonly onComing?: (model: string) => void;
}

/** The embedders that the database says are in use, as this process read it within the last second. */
export class EmbeddingModels extends Embedders {
  private readonly logger = new Logger(EmbeddingModels.name);
  private readonly known = new Set<string>();
  private readonly coming = new Set<string>();
  private inUse: InUse | undefined;
  private reading: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(
    private readonly store: ModelStore,
    private readonly source: EmbedderSource,
    private readonly options: EmbeddingModelsOptions = {},
  ) {
    super();
  }

  /** Reads once, and from now on every second until `close`. */
  async open(): Promise<void> {
    await this.refresh();
    this.pollLater();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  active(): Embedder {
    return this.used.writing[0];
  }

  writing(): Several {
    return this.used.writing;
  }

  patient(): Several {
    return this.used.patient;
  }

  async refresh(): Promise<void> {
    this.reading ??= this.store
      .all()
      .then((models) => this.use(models))
      .finally(() => {
        this.reading = undefined;
      });
    await this.reading;
  }

  private get used(): InUse {
    if (!this.inUse) throw new Error('The embedding models were not read yet.');
    return this.inUse;
  }

  private use(models: readonly UsedModel[]): void {
    const active = models.find(({ state }) => state === 'active');
    if (!active) throw new Error('The database names no active embedding model.');
    const others = (isMeant: (state: ModelState) => boolean): string[] =>
      models.filter((used) => used !== active && isMeant(used.state)).map(({ model }) => model);
    const absent = new AbsentEmbedder(active.model);
    const opened = (names: readonly string[], open: (model: string) => Embedder): Several => [
      this.opened(active.model, open) ?? absent,
      ...names.flatMap((model) => this.opened(model, open) ?? []),
    ];
    this.inUse = {
      writing: opened(
        others((state) => state === 'switching'),
        (model) => this.source.open(model),
      ),
      patient: opened(
        others((state) => KEPT[state]),
        (model) => this.source.openPatient(model),
      ),
    };
    for (const { model, state } of models) {
      if (state !== 'ready' && state !== 'switching') continue;
      if (this.coming.has(model)) continue;
      this.coming.add(model);
      this.options.onComing?.(model);
    }
  }

  /** Undefined, and said once, where the configuration cannot reach it. */
  private opened(model: string, open: (model: string) => Embedder): Embedder | undefined {
    try {
      return open(model);
    } catch (error) {
      if (!this.known.has(model)) {
        this.logger.error({ err: error, model }, 'An embedding model in use cannot be opened');
      }
      this.known.add(model);
      return undefined;
    }
  }

  private pollLater(): void {
    if (this.isClosed) return;
    this.timer = setTimeout(() => {
      this.refresh()
        .catch((error: unknown) => {
          this.logger.debug({ err: error }, 'The embedding models could not be read');
        })
        .finally(() => this.pollLater());
    }, POLL_MS).unref();
  }
}

/** Stands for a model that another process can reach: no vector of another takes its place. */
class AbsentEmbedder extends Embedder {
  readonly dimension = 0;
  readonly isSemantic = false;

  constructor(readonly model: string) {
    super();
  }

  embed(): Promise<Float32Array[]> {
    return Promise.reject(
      new SomaError(
        'EMBEDDING_UNAVAILABLE',
        `The embedding model ${this.model} is in use, and this process is not configured for it.`,
        { retryAfterSeconds: RETRY_AFTER_SECONDS },
      ),
    );
  }
}
