import { memoryId, tenantId, TenantScope } from '@soma/core';
import { ANY_MODEL } from '@soma/indexing';
import type { MemoryDraft } from '@soma/memory';
import {
  type Database,
  PostgresEmbeddingQueue,
  PostgresIndexOutbox,
  PostgresMemoryRepository,
} from '@soma/persistence';
import { v7 as uuidv7 } from 'uuid';
import { deleteMemories } from './delete-memories.js';
import { memoryDraft } from './memory-draft.js';
import { rowCipherOf } from './row-cipher-of.js';

const EMBEDDING = { model: 'late', vector: new Float32Array([0, 1]) };

const draftOf = (content: string): MemoryDraft =>
  memoryDraft({ namespace: 'late', content, embedding: 'pending' });

/** What is promised of memories stored while no embedder answers. */
export function embeddingQueueContract(open: () => Promise<Database>): void {
  const [ours, theirs] = [uuidv7(), uuidv7()].map((id) => TenantScope.of(tenantId(id))) as [
    TenantScope,
    TenantScope,
  ];
  let database: Database;
  let memories: PostgresMemoryRepository;
  let outbox: PostgresIndexOutbox;
  let sut: PostgresEmbeddingQueue;

  const stored = async (content: string) => {
    const draft = draftOf(content);
    await memories.store(ours, [draft]);
    return draft.id;
  };
  const stateOf = async (id: ReturnType<typeof memoryId>) =>
    (await memories.find(ours, { kind: 'id', id }))?.embedding;
  const claimed = async () => {
    const texts = await sut.claim([ANY_MODEL], 10, 60_000);
    return texts.filter(({ scope }) => scope.tenantId === ours.tenantId);
  };

  beforeAll(async () => {
    database = await open();
    for (const { tenantId: id } of [ours, theirs]) {
      await database.withSystem(({ tenant }) => tenant.create({ data: { id, name: id } }));
    }
    memories = new PostgresMemoryRepository(
      database,
      { now: () => new Date() },
      rowCipherOf(database),
    );
    outbox = new PostgresIndexOutbox(database, rowCipherOf(database));
    sut = new PostgresEmbeddingQueue(database, rowCipherOf(database));
  });
  afterAll(() => database.close());

  it('P15 says how long the oldest has waited, but for those put aside', async () => {
    expect(await sut.oldestSeconds()).toBe(0);
    const [first, second] = [await stored('first'), await stored('second')];
    await new Promise((resolve) => setTimeout(resolve, 50));
    const [waited, all] = [await sut.oldestSeconds(), await claimed()];
    expect(waited).toBeGreaterThanOrEqual(0.05);
    expect(waited).toBeLessThan(60);
    await sut.park(all, 60_000);
    expect([await sut.count(), await sut.oldestSeconds()]).toEqual([2, 0]);
    await deleteMemories(database, ours, { kind: 'ids', ids: [first, second] });
    expect(await sut.count()).toBe(0);
  });

  it('keeps the vector made later, and queues it for the index', async () => {
    const id = await stored('a text');
    expect(await stateOf(id)).toBe('pending');
    expect(await outbox.claim(10, 0)).toEqual([]);
    const texts = await claimed();
    expect(texts).toMatchObject([{ memoryId: id, attempts: 1 }]);
    expect(await sut.contents(ours, [id], 'late')).toEqual(new Map([[id, 'a text']]));
    await sut.complete(ours, texts, [{ memoryId: id, content: 'a text', embedding: EMBEDDING }]);
    expect(await stateOf(id)).toBe('ready');
    expect(await sut.count()).toBe(0);
    expect(await outbox.claim(10, 60_000)).toMatchObject([{ operation: 'insert', model: 'late' }]);
  });

  it('does not wait for the hour that a clock was set back', async () => {
    await stored('before the clock was set');
    const [text] = await claimed();
    if (!text) throw new Error('Nothing was claimed.');
    await sut.retry([text], 150_000);
    expect(await claimed()).toEqual([]);
    await sut.retry([text], 60 * 60_000);
    const again = await claimed();
    expect(again).toMatchObject([{ id: text.id }]);
    await sut.complete(ours, again, []);
  });

  it('shows no text to another tenant, and takes no vector from one', async () => {
    const id = await stored('ours alone');
    expect(await sut.contents(theirs, [id], 'late')).toEqual(new Map());
    await sut.complete(theirs, await claimed(), [
      { memoryId: id, content: 'ours alone', embedding: EMBEDDING },
    ]);
    expect(await stateOf(id)).toBe('pending');
    expect(await sut.count()).toBe(1);
    await deleteMemories(database, ours, { kind: 'ids', ids: [id] });
  });

  it('refuses the vector of what a memory no longer says', async () => {
    const id = await stored('the old text');
    const texts = await claimed();
    await memories.update(ours, id, { content: 'the new text' }, { embedding: 'pending' });
    await sut.complete(ours, texts, [
      { memoryId: id, content: 'the old text', embedding: EMBEDDING },
    ]);
    expect(await stateOf(id)).toBe('pending');
    expect(await claimed()).toMatchObject([{ memoryId: id }]);
    await deleteMemories(database, ours, { kind: 'ids', ids: [id] });
  });

  it('does not replace a vector made by a change meanwhile', async () => {
    const id = await stored('a text');
    const texts = await claimed();
    const embedding = { model: 'late', vector: new Float32Array([1, 0]) };
    const memory = await memories.update(ours, id, { content: 'a text' }, { embedding });
    expect(memory.embedding).toBe('ready');
    expect(await sut.contents(ours, [id], 'late')).toEqual(new Map());
    await sut.complete(ours, texts, [{ memoryId: id, content: 'a text', embedding: EMBEDDING }]);
    const [task, ...more] = await outbox.claim(10, 60_000);
    expect(more).toEqual([]);
    expect(await outbox.load(ours, [task?.entryId ?? ''])).toMatchObject([
      { vector: embedding.vector },
    ]);
  });

  it('forgets a memory that is deleted', async () => {
    const id = await stored('soon gone');
    expect(await sut.count()).toBe(1);
    await deleteMemories(database, ours, { kind: 'ids', ids: [id] });
    expect(await sut.count()).toBe(0);
  });
}
