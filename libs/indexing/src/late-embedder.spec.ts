import { Logger } from '@nestjs/common';
import { type MemoryId, memoryId, SomaError, tenantId, TenantScope } from '@soma/core';
import { HashEmbedder } from '@soma/embedding';
import {
  ANY_MODEL,
  EmbeddingQueue,
  type EmbeddedText,
  type PendingText,
} from './embedding-queue.js';
import { NO_TRACING } from '@soma/tracing';
import { FixedEmbedders } from '../testing/fixed-embedders.fixture.js';
import { LateEmbedder } from './late-embedder.js';
import { NoOutboxSignal } from './outbox-signal.js';

const [OURS, THEIRS] = ['1', '2'].map((digit) =>
  TenantScope.of(tenantId(`018f0000-0000-7000-8000-00000000000${digit}`)),
) as [TenantScope, TenantScope];

/** A queue in memory; a text is given back for as long as it is told, and no clock runs. */
class InMemoryQueue extends EmbeddingQueue {
  readonly made = new Map<string, string>();
  readonly delays = new Map<string, number>();
  readonly parked = new Set<string>();
  private waiting: PendingText[] = [];

  add(scope: TenantScope, ...texts: string[]): void {
    for (const text of texts) {
      this.waiting.push({ id: text, scope, memoryId: memoryId(text), attempts: 0 });
    }
  }

  async claim(models: readonly string[], limit: number): Promise<PendingText[]> {
    if (!models.includes(ANY_MODEL)) return [];
    this.waiting = this.waiting.map((text) => ({ ...text, attempts: text.attempts + 1 }));
    return this.waiting.slice(0, limit);
  }

  async contents(scope: TenantScope, ids: readonly MemoryId[]): Promise<Map<MemoryId, string>> {
    const own = this.waiting.filter((text) => text.scope === scope && ids.includes(text.memoryId));
    return new Map(own.map(({ memoryId: id }) => [id, id]));
  }

  async complete(
    scope: TenantScope,
    texts: readonly PendingText[],
    embedded: readonly EmbeddedText[],
  ): Promise<void> {
    for (const { memoryId: id } of embedded) this.made.set(id, scope.tenantId);
    this.waiting = this.waiting.filter(({ id }) => !texts.some((text) => text.id === id));
  }

  async retry(texts: readonly PendingText[], delayMs: number): Promise<void> {
    for (const { id } of texts) this.delays.set(id, delayMs);
  }

  async park(texts: readonly PendingText[], delayMs: number): Promise<void> {
    await this.retry(texts, delayMs);
    for (const { id } of texts) this.parked.add(id);
  }

  async oldestSeconds(): Promise<number> {
    return 0;
  }

  async count(): Promise<number> {
    return this.waiting.length;
  }
}

/** Does not answer for a poisonous text, nor at all while away. */
class TouchyEmbedder extends HashEmbedder {
  isAway = false;
  calls = 0;

  override async embed(scope: TenantScope, texts: readonly string[]): Promise<Float32Array[]> {
    this.calls += 1;
    if (this.isAway || texts.includes('poison')) {
      throw new SomaError('EMBEDDING_UNAVAILABLE', 'away');
    }
    return super.embed(scope, texts);
  }
}

describe(LateEmbedder.name, () => {
  let queue: InMemoryQueue;
  let embedder: TouchyEmbedder;
  let sut: LateEmbedder;

  beforeAll(() => Logger.overrideLogger(false));
  beforeEach(() => {
    queue = new InMemoryQueue();
    embedder = new TouchyEmbedder(8);
    sut = new LateEmbedder(queue, new FixedEmbedders(embedder), new NoOutboxSignal(), NO_TRACING);
  });

  it("makes every tenant's vectors under its own scope", async () => {
    queue.add(OURS, 'a', 'b');
    queue.add(THEIRS, 'c');
    expect(await sut.embedBatch()).toBe(3);
    expect(queue.made).toEqual(
      new Map([
        ['a', OURS.tenantId],
        ['b', OURS.tenantId],
        ['c', THEIRS.tenantId],
      ]),
    );
    expect(await queue.count()).toBe(0);
  });

  it('makes all others beside a text that the provider does not take', async () => {
    queue.add(OURS, 'a', 'poison', 'b');
    queue.add(THEIRS, 'c');
    await sut.embedBatch();
    expect([...queue.made.keys()].sort()).toEqual(['a', 'b', 'c']);
    expect(await queue.count()).toBe(1);
  });

  it('waits longer before each further try of such a text', async () => {
    queue.add(OURS, 'poison');
    const delays: (number | undefined)[] = [];
    for (let time = 0; time < 8; time++) {
      await sut.embedBatch();
      delays.push(queue.delays.get('poison'));
    }
    expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('puts a text aside that fails time and again, and none while the provider is away', async () => {
    queue.add(OURS, 'poison');
    embedder.isAway = true;
    for (let time = 0; time < 12; time++) await sut.embedBatch();
    expect(queue.parked.size).toBe(0);
    embedder.isAway = false;
    await sut.embedBatch();
    expect([...queue.parked]).toEqual(['poison']);
  });

  it('asks a provider that is away a few times only, and loses nothing', async () => {
    embedder.isAway = true;
    const texts = Array.from({ length: 40 }, (_, number) => `text ${number}`);
    queue.add(OURS, ...texts);
    expect(await sut.embedBatch()).toBe(0);
    expect(embedder.calls).toBe(4);
    embedder.isAway = false;
    await sut.embedBatch();
    expect([...queue.made.keys()].sort()).toEqual(texts.toSorted());
  });
});
