import { setTimeout as sleep } from 'node:timers/promises';
import {
  HeapCaches,
  type MemoryId,
  memoryId,
  parseCoordinate,
  SomaError,
  tenantId,
  TenantScope,
} from '@soma/core';
import { type Language, LANGUAGES, type MemoryDraft, NamespaceService } from '@soma/memory';
import {
  type Database,
  PostgresMemoryDeletions,
  PostgresMemoryRepository,
  PostgresNamespaceRepository,
  PostgresSearchRepository,
} from '@soma/persistence';
import { lexicalCandidates } from '@soma/search';
import { v7 as uuidv7 } from 'uuid';
import { deleteMemories } from './delete-memories.js';
import { unitOfWorkOf } from './unit-of-work.js';
import { rowCipherOf } from './row-cipher-of.js';

/** Long enough for a statement that is not held up to be done. */
const MOMENT_MS = 300;
/** Few, since on a busy machine a statement has no more than ten seconds either. */
const STORED_AT_ONCE = 100;
const TEXT = 'Die Häuser am Fluss sind alt.';
/** What `german` makes of the text and `english` does not, in the index and in a query. */
const STEM = 'haus';

const draftOf = (namespace: string, content: string, number: number): MemoryDraft => ({
  id: memoryId(uuidv7()),
  namespace,
  coordinate: parseCoordinate(String(number)),
  memory_type: 'episodic',
  content,
  payload: {},
  metadata: {},
  tags: number % 2 === 0 ? ['even'] : [],
  importance: 0.5,
  pinned: false,
  dedup: 'allow',
  prediction: null,
  session_id: number % 3 === 0 ? null : `s-${number % 3}`,
  speaker: number % 3 === 0 ? null : 'Ada',
  occurred_at: '2026-05-01T10:00:00.000Z',
  expires_at: null,
  slot: null,
  valid_from: null,
  source: null,
  trust: 1,
  links: [],
  embedding: { model: 'none', vector: new Float32Array([1, 0]) },
});

export interface LanguagesUnderTest {
  open(): Promise<Database>;
  /** Whether it runs transactions side by side. */
  readonly atOnce: boolean;
}

/** What changing a namespace's language promises, whatever is written meanwhile. */
export function namespaceLanguageContract({ open, atOnce }: LanguagesUnderTest): void {
  const [ours, theirs] = [uuidv7(), uuidv7()].map((id) => TenantScope.of(tenantId(id))) as [
    TenantScope,
    TenantScope,
  ];
  let database: Database;
  let memories: PostgresMemoryRepository;
  let namespaces: PostgresNamespaceRepository;
  let searching: PostgresSearchRepository;
  let sut: NamespaceService;

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
    namespaces = new PostgresNamespaceRepository(database);
    searching = new PostgresSearchRepository(database, rowCipherOf(database), new HeapCaches());
    sut = new NamespaceService(
      namespaces,
      unitOfWorkOf(database),
      new PostgresMemoryDeletions(database),
    );
  });
  afterAll(() => database.close());

  const store = (scope: TenantScope, namespace: string, texts: readonly string[]) =>
    memories.store(
      scope,
      texts.map((text, number) => draftOf(namespace, text, number)),
    );
  const set = (scope: TenantScope, namespace: string, language: Language) =>
    sut.set(scope, namespace, { language });
  const holders = async (scope: TenantScope, namespace: string, lexeme: string): Promise<number> =>
    database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<unknown[]>`
        SELECT memory_id FROM postings
        WHERE tenant_id = ${scope.tenantId}::uuid AND namespace = ${namespace}
          AND lexeme = ${lexeme}`;
      return rows.length;
    });
  const found = async (scope: TenantScope, namespace: string, query: string): Promise<number> => {
    const matches = await searching.lexical(scope, {
      namespace,
      sentences: [query],
      context: undefined,
      contextWeight: 0,
      stopLexemes: [],
      names: [],
      ids: [],
      coordinates: [],
    });
    return lexicalCandidates(matches, 1_000).length;
  };
  /** Everything derived of a namespace's words, without ids. */
  const derived = (scope: TenantScope, namespace: string) =>
    database.withTenant(scope, async (transaction) => ({
      namespace: await transaction.query<unknown[]>`
        SELECT memories::text, total_length::text, language FROM lexical_stats
        WHERE tenant_id = ${scope.tenantId}::uuid AND namespace = ${namespace}`,
      sessions: await transaction.query<unknown[]>`
        SELECT session_key::text, memories::text, total_length::text, started_at::text
        FROM session_stats
        WHERE tenant_id = ${scope.tenantId}::uuid AND namespace = ${namespace} ORDER BY 1`,
      postings: await transaction.query<unknown[]>`
        SELECT m.coordinate, m.lexemes, p.lexeme, p.term_frequency, p.length, p.session_key::text
        FROM postings p JOIN memories m ON m.tenant_id = p.tenant_id AND m.id = p.memory_id
        WHERE p.tenant_id = ${scope.tenantId}::uuid AND p.namespace = ${namespace}
        ORDER BY m.coordinate, p.lexeme`,
    }));
  /** Runs `work` in a transaction that stays open until it is let go. */
  const held = async (scope: TenantScope, work: () => Promise<unknown>) => {
    const [done, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const committed = database.withTenant(scope, async () => {
      await work();
      done.resolve();
      await gate.promise;
    });
    await Promise.race([done.promise, committed]);
    return async (): Promise<void> => {
      gate.resolve();
      await committed;
    };
  };
  /** As a client does that a busy machine sends away. */
  const comingAgain = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof SomaError) || error.code !== 'DEPENDENCY_UNAVAILABLE') throw error;
      }
    }
  };
  const afterAMoment = async (release: () => Promise<void>): Promise<void> => {
    await sleep(MOMENT_MS);
    await release();
  };

  it('has every language that can be set', async () => {
    for (const language of LANGUAGES) {
      expect(await set(ours, 'every', language)).toEqual({
        namespace: 'every',
        language,
        memories: 0,
      });
      await store(ours, `in ${language}`, [TEXT]);
      await set(ours, `in ${language}`, language);
      expect(await found(ours, `in ${language}`, 'Fluss')).toBe(1);
      expect(await found(theirs, `in ${language}`, 'Fluss')).toBe(0);
    }
  });

  it('leaves what a namespace of that language would have, of the same memories', async () => {
    const texts = [TEXT, '東京の桜と Häuser 🎉', '', 'the the', 'Alte Brücken, neue Brücken.'];
    await set(ours, 'fresh', 'german');
    await store(ours, 'fresh', texts);
    await store(ours, 'changed', texts);
    await store(theirs, 'changed', texts);
    const before = await derived(theirs, 'changed');
    await set(ours, 'changed', 'french');
    await set(ours, 'changed', 'german');
    expect(await derived(ours, 'changed')).toEqual(await derived(ours, 'fresh'));
    expect((await derived(ours, 'fresh')).postings.length).toBeGreaterThan(10);
    expect(await derived(theirs, 'changed')).toEqual(before);
  });

  it('derives more memories than fit one statement', async () => {
    const texts = Array.from({ length: 2_300 }, (_, number) => `${TEXT} Nummer ${number}.`);
    for (let start = 0; start < texts.length; start += STORED_AT_ONCE) {
      const part = texts.slice(start, start + STORED_AT_ONCE);
      await memories.store(
        ours,
        part.map((text, number) => draftOf('many', text, start + number)),
      );
    }
    await set(ours, 'many', 'german');
    expect(await holders(ours, 'many', STEM)).toBe(texts.length);
    expect(await holders(theirs, 'many', STEM)).toBe(0);
    expect((await sut.get(ours, 'many')).memories).toBe(texts.length);
  });

  it('rewrites nothing for the language that is set', async () => {
    await set(ours, 'same', 'german');
    await store(ours, 'same', [TEXT]);
    const versions = () =>
      database.withTenant(
        ours,
        (transaction) => transaction.query<unknown[]>`
          SELECT xmin::text, ctid::text FROM postings
          WHERE tenant_id = ${ours.tenantId}::uuid AND namespace = 'same' ORDER BY lexeme`,
      );
    const before = await versions();
    await set(ours, 'same', 'german');
    expect(await versions()).toEqual(before);
    await set(ours, 'same', 'simple');
    expect(await versions()).not.toEqual(before);
  });

  it.each([
    ['a new namespace', 'new-held', false],
    ['a namespace that has memories', 'old-held', true],
  ])('waits for a store into %s that has begun', async (_, namespace, exists) => {
    if (exists) await memories.store(ours, [draftOf(namespace, TEXT, 100)]);
    const release = await held(ours, () => store(ours, namespace, [TEXT, TEXT]));
    const [answer] = await Promise.all([set(ours, namespace, 'german'), afterAMoment(release)]);
    const count = exists ? 3 : 2;
    expect(answer).toEqual({ namespace, language: 'german', memories: count });
    expect(await holders(ours, namespace, STEM)).toBe(count);
    expect(await found(ours, namespace, 'Haus')).toBe(count);
    expect(await found(theirs, namespace, 'Haus')).toBe(0);
  });

  it('holds up a store until the new language is there to write in', async () => {
    await store(ours, 'holding', [TEXT]);
    const release = await held(ours, () => set(ours, 'holding', 'german'));
    await Promise.all([
      comingAgain(() => memories.store(ours, [draftOf('holding', TEXT, 7)])),
      comingAgain(() => memories.store(ours, [draftOf('holding', TEXT, 8)])),
      afterAMoment(release),
    ]);
    expect(await holders(ours, 'holding', STEM)).toBe(3);
    expect(await found(theirs, 'holding', 'Haus')).toBe(0);
  });

  it('takes its turn with a change and a deletion of memories, none failing', async () => {
    const outcomes = await store(ours, 'turns', [TEXT, TEXT, TEXT]);
    const [changed, deleted] = outcomes.map((outcome) =>
      memoryId(outcome.kind === 'stored' ? outcome.memory.id : ''),
    ) as [MemoryId, MemoryId];
    const release = await held(ours, () =>
      memories.find(ours, { kind: 'id', id: changed }, 'for-update'),
    );
    await Promise.all([
      set(ours, 'turns', 'german'),
      comingAgain(() => memories.update(ours, changed, { content: 'Viele Häuser.' })),
      comingAgain(() => deleteMemories(database, ours, { kind: 'ids', ids: [deleted] })),
      afterAMoment(release),
    ]);
    expect(await holders(ours, 'turns', STEM)).toBe(2);
    expect(await sut.get(ours, 'turns')).toMatchObject({ language: 'german', memories: 2 });
  });

  if (atOnce) {
    it('sends a store away that would wait long, to come again', async () => {
      const release = await held(ours, () => set(ours, 'slow', 'german'));
      await expect(store(ours, 'slow', [TEXT])).rejects.toMatchObject({
        code: 'DEPENDENCY_UNAVAILABLE',
        retryAfterSeconds: 3,
      });
      await release();
      await store(ours, 'slow', [TEXT]);
      expect(await holders(ours, 'slow', STEM)).toBe(1);
      expect(await found(theirs, 'slow', 'Haus')).toBe(0);
    });

    it('lets stores into another namespace, and of another tenant, pass', async () => {
      const release = await held(ours, () => set(ours, 'one', 'german'));
      await Promise.all([store(ours, 'another', [TEXT]), store(theirs, 'one', [TEXT])]);
      await release();
      expect(await found(ours, 'another', 'Häuser')).toBe(1);
      expect(await found(theirs, 'one', 'Häuser')).toBe(1);
      expect(await found(theirs, 'one', 'Haus')).toBe(0);
    });
  }

  it('refuses to change a namespace of more memories than one change may hold up', async () => {
    await store(ours, 'large', [TEXT]);
    await database.withTenant(
      ours,
      (transaction) => transaction.execute`
        UPDATE lexical_stats SET memories = 20001
        WHERE tenant_id = ${ours.tenantId}::uuid AND namespace = 'large'`,
    );
    await expect(set(ours, 'large', 'german')).rejects.toMatchObject({
      code: 'NAMESPACE_TOO_LARGE',
      message: expect.stringMatching(/20001 memories.*20000.*new namespace/s) as string,
    });
    expect(await set(ours, 'large', 'english')).toMatchObject({ language: 'english' });
    expect(await holders(ours, 'large', STEM)).toBe(0);
  });

  it("lists a tenant's own namespaces only, after a name", async () => {
    await set(theirs, 'zz-theirs', 'dutch');
    const listed = await namespaces.list(ours, 1_000, 'in turkish');
    const names = listed.map(({ namespace }) => namespace);
    expect(names).toContain('turns');
    expect(names).not.toContain('zz-theirs');
    expect(names).not.toContain('in turkish');
    expect(await namespaces.find(ours, 'zz-theirs')).toBeUndefined();
  });
}
