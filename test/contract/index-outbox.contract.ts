import { Logger } from '@nestjs/common';
import { HeapCaches, memoryId, tenantId, TenantScope } from '@soma/core';
import { Indexer } from '@soma/indexing';
import type { MemoryDraft } from '@soma/memory';
import {
  type Database,
  PostgresIndexOutbox,
  PostgresMemoryRepository,
  PostgresSearchRepository,
} from '@soma/persistence';
import { NO_TRACING } from '@soma/tracing';
import { FlatVectorIndex, type IndexEntry } from '@soma/vector-index';
import { v7 as uuidv7 } from 'uuid';
import { deleteMemories } from './delete-memories.js';
import { memoryDraft } from './memory-draft.js';
import { rowCipherOf } from './row-cipher-of.js';

const NAMESPACE = 'outbox';

/** Keeps a text that says so from ever being indexed. */
class TouchyIndex extends FlatVectorIndex {
  readonly removed: string[] = [];

  override async insert(scope: TenantScope, entries: readonly IndexEntry[]): Promise<void> {
    if (entries.some(({ attributes }) => attributes.tags.includes('poison'))) {
      throw new Error('indigestible');
    }
    await super.insert(scope, entries);
  }

  override async remove(scope: TenantScope, model: string, ids: readonly string[]): Promise<void> {
    this.removed.push(...ids);
    await super.remove(scope, model, ids);
  }
}

const draftOf = (tag: string): MemoryDraft => memoryDraft({ namespace: NAMESPACE, tags: [tag] });

/** What the outbox promises of tasks that keep failing. */
export function indexOutboxContract(open: () => Promise<Database>): void {
  const [ours, theirs] = [uuidv7(), uuidv7()].map((id) => TenantScope.of(tenantId(id))) as [
    TenantScope,
    TenantScope,
  ];
  let database: Database;
  let memories: PostgresMemoryRepository;
  let outbox: PostgresIndexOutbox;
  let index: TouchyIndex;
  let sut: Indexer;

  const store = async (scope: TenantScope, ...tags: string[]): Promise<void> => {
    await memories.store(scope, tags.map(draftOf));
  };
  const count = (scope: TenantScope) => index.count(scope, { namespace: NAMESPACE, model: 'none' });
  /** Drains as if every pause between tries were over. */
  const drain = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time++) {
      await makeDue();
      await sut.drainBatch();
    }
  };
  const makeDue = (parkedToo = false) =>
    database.withSystem(
      (transaction) => transaction.$executeRaw`
        UPDATE index_outbox SET available_at = now() WHERE parked_at IS NULL OR ${parkedToo}`,
    );

  const putOff = (time: string) =>
    database.withSystem(
      (transaction) => transaction.$executeRaw`
        UPDATE index_outbox SET available_at = now() + ${time}::text::interval`,
    );

  beforeAll(async () => {
    Logger.overrideLogger(false);
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
  });
  beforeEach(() => {
    index = new TouchyIndex();
    sut = new Indexer(outbox, index, NO_TRACING);
  });
  afterEach(async () => {
    await database.withSystem((transaction) => transaction.$executeRaw`DELETE FROM index_outbox`);
    for (const scope of [ours, theirs]) {
      await database.withTenant(
        scope,
        (transaction) => transaction.execute`
          DELETE FROM memories WHERE tenant_id = ${scope.tenantId}::uuid`,
      );
    }
  });
  afterAll(() => database.close());

  it('parks a task after ten tries, and lets all others through meanwhile', async () => {
    await store(ours, 'good', 'poison', 'good', 'good');
    await store(theirs, 'good', 'good');
    await drain(3);
    expect([await count(ours), await count(theirs)]).toEqual([3, 2]);
    expect(await outbox.backlog()).toMatchObject({ tasks: 1, parked: 0 });
    await drain(7);
    expect(await outbox.backlog()).toEqual({ tasks: 0, oldestSeconds: 0, parked: 1 });
    expect(await sut.drainBatch()).toEqual({ claimed: 0, failed: 0 });
  });

  it('tries a parked task again when its time has come, and indexes it once it can', async () => {
    await store(ours, 'poison');
    await drain(10);
    expect(await outbox.backlog()).toMatchObject({ parked: 1 });
    sut = new Indexer(outbox, new FlatVectorIndex(), NO_TRACING);
    await makeDue(true);
    expect(await sut.drainBatch()).toEqual({ claimed: 1, failed: 0 });
    expect(await outbox.backlog()).toMatchObject({ tasks: 0, parked: 0 });
  });

  it('removes a memory whose insert is parked, and forgets the insert', async () => {
    await store(ours, 'poison');
    await drain(10);
    const [memory] = await memories.list(ours, {
      namespace: NAMESPACE,
      sort: 'created_at',
      order: 'asc',
      limit: 1,
    });
    await deleteMemories(database, ours, { kind: 'ids', ids: [memoryId(memory?.id ?? '')] });
    await drain(1);
    expect(index.removed).toHaveLength(1);
    expect(await outbox.backlog()).toMatchObject({ tasks: 0, parked: 0 });
  });

  it('does not wait for the hour that a clock was set back, and puts nothing off for less', async () => {
    await store(ours, 'good');
    await putOff('30 seconds');
    expect(await outbox.claim(10, 1_000)).toEqual([]);
    await putOff('1 hour');
    expect(await outbox.claim(10, 1_000)).toHaveLength(1);
    await store(ours, 'poison');
    await drain(10);
    await putOff('15 minutes');
    expect(await outbox.claim(10, 1_000)).toEqual([]);
    await putOff('1 hour');
    expect(await outbox.claim(10, 1_000)).toHaveLength(1);
  });

  it('leaves out of the fresh tail what was indexed before a clock was set back', async () => {
    const search = new PostgresSearchRepository(database, rowCipherOf(database), new HeapCaches());
    const tail = async (scope: TenantScope) => {
      const query = { namespace: NAMESPACE, model: 'none', freshLimit: 10, freshForMs: 60_000 };
      return (await search.fresh(scope, query)).entries.length;
    };
    await store(ours, 'good');
    expect([await tail(ours), await tail(theirs)]).toEqual([1, 0]);
    await drain(1);
    expect(await tail(ours)).toBe(1);
    await database.withTenant(
      ours,
      (transaction) => transaction.execute`
        UPDATE embeddings SET indexed_at = now() + interval '1 hour'
        WHERE tenant_id = ${ours.tenantId}::uuid`,
    );
    expect(await tail(ours)).toBe(0);
  });

  it('counts a try that is given back as none', async () => {
    await store(ours, 'good');
    for (let time = 0; time < 3; time++) {
      const [task] = await outbox.claim(10, 1_000);
      if (!task) throw new Error('Nothing was claimed.');
      expect(task.attempts).toBe(1);
      await outbox.giveBack([task], 0);
    }
  });
}
