import { randomUUID } from 'node:crypto';
import { type MemoryId, memoryId, SomaError, type TenantScope } from '@soma/core';
import { type Embedder, EmbedderSource, HashEmbedder } from '@soma/embedding';
import { InMemoryConsistencyStore } from '../testing/in-memory-consistency-store.fixture.js';
import { aScope, InMemoryModelVectors } from '../testing/in-memory-model-vectors.fixture.js';
import { type EmbeddedText, EmbeddingQueue, type PendingText } from './embedding-queue.js';
import { type BuildRun, ModelBuilder } from './model-builder.js';
import { NoOutboxSignal } from './outbox-signal.js';

const TEXTS = 300;

/** Away when told, and never takes what is poisonous; keeps what it was asked. */
class TouchyEmbedder extends HashEmbedder {
  readonly asked: string[] = [];
  isAway = false;

  override async embed(scope: TenantScope, texts: readonly string[]): Promise<Float32Array[]> {
    if (this.isAway || texts.includes('poison')) {
      throw new SomaError('EMBEDDING_UNAVAILABLE', 'away', { retryAfterSeconds: 3 });
    }
    this.asked.push(...texts);
    return super.embed(scope, texts);
  }
}

class OneSource extends EmbedderSource {
  readonly configured = 'hash-v1:8';

  constructor(private readonly embedder: Embedder) {
    super();
  }
  nameOf(): string {
    return this.configured;
  }
  open(): Embedder {
    return this.embedder;
  }
  openPatient(): Embedder {
    return this.embedder;
  }
}

/** Keeps at once what was made. */
class WritingQueue extends EmbeddingQueue {
  constructor(private readonly vectors: InMemoryModelVectors) {
    super();
  }
  async claim(): Promise<PendingText[]> {
    return [];
  }
  async contents(): Promise<Map<MemoryId, string>> {
    return new Map();
  }
  async complete(
    scope: TenantScope,
    _texts: readonly PendingText[],
    embedded: readonly EmbeddedText[],
  ): Promise<void> {
    for (const { memoryId: id, embedding } of embedded) {
      this.vectors.add(scope, embedding.model, { memoryId: id, vector: embedding.vector });
    }
  }
  async retry(): Promise<void> {}
  async park(): Promise<void> {}
  async oldestSeconds(): Promise<number> {
    return 0;
  }

  async count(): Promise<number> {
    return 0;
  }
}

describe(ModelBuilder.name, () => {
  const embedderOf = (): TouchyEmbedder => new TouchyEmbedder(8);
  let embedder: TouchyEmbedder;
  let vectors: InMemoryModelVectors;
  let sut: ModelBuilder;
  let ours: TenantScope;
  let theirs: TenantScope;
  let progress: object[];
  let pauses: number[];
  let run: BuildRun;

  const say = (scope: TenantScope, content: string): void =>
    vectors.say(scope, { memoryId: memoryId(randomUUID()), content });

  beforeEach(() => {
    [embedder, vectors] = [embedderOf(), new InMemoryModelVectors()];
    const tenants = new InMemoryConsistencyStore('before');
    sut = new ModelBuilder(
      tenants,
      vectors,
      new WritingQueue(vectors),
      new OneSource(embedder),
      new NoOutboxSignal(),
    );
    [ours, theirs] = [aScope(), aScope()];
    for (const scope of [ours, theirs]) tenants.of(scope);
    for (let number = 0; number < TEXTS; number += 1) say(ours, `ours ${number}`);
    say(theirs, 'theirs');
    [progress, pauses] = [[], []];
    run = {
      keep: async (made = {}) => void progress.push(made),
      pause: async (ms) => void pauses.push(ms),
    };
  });
  const pass = () => sut.pass('hash-v1:8', run);

  it("makes every tenant's vectors once, under its own scope, and says how far it is", async () => {
    expect(await pass()).toBe(TEXTS + 1);
    expect(vectors.of(ours, 'hash-v1:8')).toHaveLength(TEXTS);
    expect(vectors.of(theirs, 'hash-v1:8')).toHaveLength(1);
    expect(new Set(embedder.asked).size).toBe(TEXTS + 1);
    expect(progress[0]).toMatchObject({ memories: TEXTS + 1, vectors: 0 });
    expect(progress).toContainEqual(expect.objectContaining({ vectors: TEXTS + 1 }));
    expect(await pass()).toBe(0);
    expect(embedder.asked).toHaveLength(TEXTS + 1);
  });

  it('goes on where another was stopped, and asks for nothing twice', async () => {
    const keep = run.keep;
    let pages = 0;
    const stopped = {
      ...run,
      keep: async () => {
        pages += 1;
        if (pages === 3) throw new Error('killed');
      },
    };
    await expect(sut.pass('hash-v1:8', stopped)).rejects.toThrow('killed');
    const before = embedder.asked.length;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(TEXTS);
    await sut.pass('hash-v1:8', { ...run, keep });
    expect(embedder.asked.toSorted()).toEqual([...new Set(embedder.asked)].toSorted());
    expect(embedder.asked).toHaveLength(TEXTS + 1);
  });

  it('waits for a provider that is away as long as that asks for, and goes on', async () => {
    embedder.isAway = true;
    run = {
      ...run,
      pause: async (ms) => {
        pauses.push(ms);
        embedder.isAway = pauses.length < 3;
      },
    };
    expect(await pass()).toBe(TEXTS + 1);
    expect(pauses).toEqual([3_000, 3_000, 3_000]);
    expect(progress).toContainEqual({ detail: 'Waiting for the embedding provider: away' });
  });

  it('leaves texts beside one that the model does not take to be made one by one', async () => {
    say(theirs, 'poison');
    expect(await pass()).toBe(TEXTS + 2);
    expect(vectors.queued).toHaveLength(2);
    expect(vectors.of(ours, 'hash-v1:8')).toHaveLength(TEXTS);
    expect(pauses).toEqual([]);
    expect(await pass()).toBe(0);
  });
});
