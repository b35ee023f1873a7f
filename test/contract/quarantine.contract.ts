import { memoryId, parseCoordinate, tenantId, TenantScope } from '@soma/core';
import type { MemoryDraft } from '@soma/memory';
import {
  type Database,
  PostgresMemoryRepository,
  PostgresQuarantine,
  PostgresWriterHistory,
} from '@soma/persistence';
import { v7 as uuidv7 } from 'uuid';
import { memoryDraft } from './memory-draft.js';
import { rowCipherOf } from './row-cipher-of.js';

const PAGE = { after: undefined, limit: 100 };
const EVER = new Date('2020-01-01T00:00:00Z');

/** What is promised of writes that are kept apart, and of knowing who wrote what. */
export function quarantineContract(open: () => Promise<Database>): void {
  const [ours, theirs] = [uuidv7(), uuidv7()].map((id) => TenantScope.of(tenantId(id))) as [
    TenantScope,
    TenantScope,
  ];
  const as = (tokenId: string, quarantined = false): TenantScope =>
    TenantScope.of(ours.tenantId, undefined, { tokenId, trust: 0.5, quarantined });
  const of = (token: string) => ({ token, since: EVER });
  let database: Database;
  let memories: PostgresMemoryRepository;
  let sut: PostgresQuarantine;
  let history: PostgresWriterHistory;

  const held = async (token: string, given: Partial<MemoryDraft> = {}) => {
    const draft = memoryDraft({ namespace: 'apart', ...given });
    const [outcome] = await memories.store(as(token, true), [draft]);
    expect(outcome).toMatchObject({ kind: 'stored', memory: { quarantined: true } });
    return draft;
  };
  const countOf = async (sql: TemplateStringsArray, scope = ours): Promise<number> =>
    database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<{ count: number }[]>(sql);
      return row?.count ?? 0;
    });
  const by = (token: string) => ({ kind: 'writer', token, since: undefined }) as const;

  beforeAll(async () => {
    database = await open();
    for (const { tenantId: id } of [ours, theirs]) {
      await database.withSystem(({ tenant }) => tenant.create({ data: { id, name: id } }));
    }
    const cipher = rowCipherOf(database);
    memories = new PostgresMemoryRepository(database, { now: () => new Date() }, cipher);
    sut = new PostgresQuarantine(database, cipher);
    history = new PostgresWriterHistory(database, cipher);
  });
  afterAll(() => database.close());

  it('derives nothing from a write that is kept apart', async () => {
    const before = await Promise.all([
      countOf`SELECT count(*)::int AS count FROM memories`,
      countOf`SELECT count(*)::int AS count FROM embeddings`,
      countOf`SELECT count(*)::int AS count FROM postings`,
      countOf`SELECT count(*)::int AS count FROM lexical_stats`,
      countOf`SELECT count(*)::int AS count FROM index_outbox`,
    ]);
    await held('nothing', { content: 'words that nobody may find' });
    expect(
      await Promise.all([
        countOf`SELECT count(*)::int AS count FROM memories`,
        countOf`SELECT count(*)::int AS count FROM embeddings`,
        countOf`SELECT count(*)::int AS count FROM postings`,
        countOf`SELECT count(*)::int AS count FROM lexical_stats`,
        countOf`SELECT count(*)::int AS count FROM index_outbox`,
      ]),
    ).toEqual(before);
  });

  it('gives back what was written, in order, by writer, and to no other tenant', async () => {
    const links = [
      { to_coord: '1', to: parseCoordinate('1'), link_type: 'l', strength: 1, metadata: {} },
    ];
    const first = await held('order', { content: 'one', payload: { a: [1, null] }, links });
    const second = await held('order', { content: 'two', trust: 0.25 });
    const found = await sut.find(ours, by('order'), PAGE);
    expect(found.map(({ id }) => id)).toEqual([first.id, second.id]);
    const { embedding: _vector, ...kept } = first;
    expect(found[0]).toMatchObject({ writtenBy: 'order', draft: kept });
    const page = { token: 'order', namespace: undefined, after: first.id, limit: 1 };
    expect((await sut.list(ours, page)).map(({ id }) => id)).toEqual([second.id]);
    expect(await sut.list(ours, { ...page, namespace: 'elsewhere' })).toEqual([]);
    const later = { ...by('order'), since: new Date(Date.now() + 60_000) };
    expect(await sut.find(ours, later, PAGE)).toEqual([]);
    expect(await sut.find(theirs, by('order'), PAGE)).toEqual([]);
    expect(await sut.find(theirs, { kind: 'ids', ids: [first.id] }, PAGE)).toEqual([]);
    expect([await sut.count(ours, by('order')), await sut.count(theirs, by('order'))]).toEqual([
      2, 0,
    ]);
  });

  it('is taken by one of many, and by no other tenant', async () => {
    await held('taken');
    const [write] = await sut.find(ours, by('taken'), PAGE);
    if (!write) throw new Error('Nothing was kept.');
    expect(await sut.take(theirs, write)).toBe(false);
    const taken = await Promise.all(Array.from({ length: 5 }, () => sut.take(ours, write)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await sut.count(ours, by('taken'))).toBe(0);
  });

  it('rejects some at a time, with a receipt of each, and none of another tenant', async () => {
    for (let n = 0; n < 3; n++) await held('rejected');
    expect(await sut.reject(theirs, by('rejected'), 10)).toBeUndefined();
    expect(await sut.reject(ours, by('rejected'), 2)).toMatchObject({ deleted: 2 });
    expect(await sut.reject(ours, by('rejected'), 2)).toMatchObject({ deleted: 1 });
    expect(await sut.reject(ours, by('rejected'), 2)).toBeUndefined();
    expect(
      await countOf`SELECT count(*)::int AS count FROM deletions WHERE kind = 'quarantine'`,
    ).toBe(2);
  });

  it('lets a writer in quarantine change and link nothing', async () => {
    const draft = memoryDraft({ namespace: 'apart' });
    await memories.store(ours, [draft]);
    await expect(
      Promise.resolve().then(() => memories.update(as('q', true), draft.id, { tags: ['x'] })),
    ).rejects.toMatchObject({ code: 'WRITER_QUARANTINED' });
  });

  it('counts what is kept apart in the quotas, and gives it back', async () => {
    const used = () => countOf`SELECT memories::int AS count FROM tenant_usage`;
    const before = await used();
    await held('counted');
    expect(await used()).toBe(before + 1);
    await sut.reject(ours, by('counted'), 10);
    expect(await used()).toBe(before);
  });

  describe('who wrote what', () => {
    it('is known of every version, and to no other tenant', async () => {
      const draft = memoryDraft({ namespace: 'history', content: 'first' });
      await memories.store(as('ann'), [draft]);
      await memories.store(as('bob'), [{ ...draft, id: memoryId(uuidv7()), content: 'second' }]);
      await memories.update(as('ann'), draft.id, { tags: ['t'] });
      const changes = await history.snapshot(ours, draft.id, 1);
      expect(changes).toMatchObject({ content: 'first', tags: [], source: null, trust: 1 });
      await memories.update(as('eve'), draft.id, changes ?? {}, { restoredFrom: 1 });

      const [found] = await history.histories(ours, [draft.id], 'for-update');
      expect(found).toMatchObject({ id: draft.id, namespace: 'history' });
      expect(found?.versions).toMatchObject([
        { version: 1, writtenBy: 'ann', partial: false, restoredFrom: null },
        { version: 2, writtenBy: 'bob', partial: false, restoredFrom: null },
        { version: 3, writtenBy: 'ann', partial: true, restoredFrom: null },
        { version: 4, writtenBy: 'eve', partial: false, restoredFrom: 1 },
      ]);
      for (const token of ['ann', 'bob', 'eve']) {
        expect(await history.memories(ours, of(token), PAGE)).toEqual([draft.id]);
        expect(await history.memories(theirs, of(token), PAGE)).toEqual([]);
      }
      const later = { token: 'ann', since: new Date(Date.now() + 60_000) };
      expect(await history.memories(ours, later, PAGE)).toEqual([]);
      expect(await history.memories(ours, of('ann'), { after: draft.id, limit: 9 })).toEqual([]);
      expect(await history.histories(theirs, [draft.id])).toEqual([]);
      expect(await history.snapshot(theirs, draft.id, 1)).toBeUndefined();
    });

    it('removes the links that one alone made, so many at a time', async () => {
      const target = memoryDraft({ namespace: 'links' });
      const link = {
        to_coord: target.coordinate.text,
        to: target.coordinate,
        strength: 1,
        metadata: {},
      };
      const links = ['a', 'b', 'c'].map((link_type) => ({ ...link, link_type }));
      const from = memoryDraft({ namespace: 'links', links });
      await memories.store(as('linker'), [target, from]);
      await memories.store(as('other'), [{ ...from, links: links.slice(0, 1) }]);
      expect(await history.countLinks(ours, of('linker'))).toBe(2);
      expect(await history.countLinks(theirs, of('linker'))).toBe(0);
      expect(await history.removeLinks(theirs, of('linker'), 10)).toBe(0);
      expect(await history.removeLinks(ours, of('linker'), 1)).toBe(1);
      expect(await history.removeLinks(ours, of('linker'), 10)).toBe(1);
      expect(await history.removeLinks(ours, of('other'), 10)).toBe(0);
      expect(await countOf`SELECT count(*)::int AS count FROM links`).toBe(1);
    });
  });
}
