import { Ledger } from './ledger.ts';
import type { Outcome, Sending } from './sender.ts';
import type { StoredState } from './truth.ts';
import { indexFaults, untilIndexed, verify } from './verify.ts';

const textOf = (id: string) => ({ marker: `marker-${id}`, content: `marker-${id} and more` });

/** Two memories, the second of which was patched, and a third that was deleted. */
function ledgerOfThree(): Ledger {
  const ledger = new Ledger();
  const [, second, third] = ['a', 'b', 'c'].map((id) =>
    ledger.stored({ id, coordinate: id, version: 1 }, textOf(id)),
  );
  if (second) ledger.patched(second, { id: 'b', coordinate: 'b', version: 2 }, textOf('b'));
  if (third) ledger.deleted(third);
  return ledger;
}

const rows = (changes: Partial<StoredState> = {}): StoredState => ({
  memories: new Map([
    ['a', 1],
    ['b', 2],
  ]),
  versions: new Set(['a/1', 'b/1', 'b/2']),
  entries: new Map([
    ['a', 'entry-a'],
    ['b', 'entry-b'],
  ]),
  ...changes,
});

/** Answers as the service does that has these memories; those of `found` are found. */
function service(found: readonly string[], versions: Record<string, number> = { a: 1, b: 2 }) {
  const answer = (status: number, body: unknown): Outcome => ({ status, body, headers: {}, ms: 1 });
  const send = async (method: string, path: string, { body }: Sending = {}): Promise<Outcome> => {
    if (method === 'POST') {
      const { searches } = body as { searches: { query: string }[] };
      const results = searches.map(({ query }) => ({
        answer: {
          partial: false,
          memories: found.filter((id) => query.startsWith(`marker-${id}`)).map((id) => ({ id })),
        },
      }));
      return answer(200, { results });
    }
    const id = path.slice('/memories/'.length);
    const version = versions[id];
    return version ? answer(200, { version, content: textOf(id).content }) : answer(404, {});
  };
  return { id: 'tenant', sender: { send } };
}

const truthOf = (state: StoredState, waiting = 0) => ({
  read: async () => state,
  waiting: async () => waiting,
});

describe(verify.name, () => {
  it('counts every acknowledged write once when all is well', async () => {
    const verdict = await verify(ledgerOfThree(), service(['a', 'b']), { truth: truthOf(rows()) });
    expect(verdict).toEqual({
      acknowledged: 5,
      present: 5,
      findable: 5,
      duplicates: 0,
      broken: [],
    });
  });

  it.each([
    ['a lost memory', rows({ memories: new Map([['a', 1]]) }), 3, 0],
    ['a lost version', rows({ versions: new Set(['a/1', 'b/2']) }), 4, 0],
    [
      'an older version',
      rows({
        memories: new Map([
          ['a', 1],
          ['b', 1],
        ]),
      }),
      3,
      0,
    ],
    [
      'a deleted memory',
      rows({
        memories: new Map([
          ['a', 1],
          ['b', 2],
          ['c', 1],
        ]),
      }),
      3,
      0,
    ],
    [
      'a memory too many',
      rows({
        memories: new Map([
          ['a', 1],
          ['b', 2],
          ['x', 1],
        ]),
      }),
      5,
      1,
    ],
    [
      'a version too many',
      rows({
        memories: new Map([
          ['a', 2],
          ['b', 2],
        ]),
      }),
      4,
      1,
    ],
  ])('sees %s', async (_, state, present, duplicates) => {
    const verdict = await verify(ledgerOfThree(), service(['a', 'b']), { truth: truthOf(state) });
    expect(verdict).toMatchObject({ present, duplicates });
    expect(verdict.broken).not.toEqual([]);
  });

  it.each([
    ['is not found', service(['a']), 3],
    ['is found though deleted', service(['a', 'b', 'c']), 3],
    ['is read in an older version', service(['a', 'b'], { a: 1, b: 1 }), 3],
    ['is read though deleted', service(['a', 'b'], { a: 1, b: 2, c: 1 }), 3],
  ])('sees a memory that %s', async (_, tenant, findable) => {
    const verdict = await verify(ledgerOfThree(), tenant, { truth: truthOf(rows()) });
    expect(verdict).toMatchObject({ present: 5, findable });
    expect(verdict.broken).toHaveLength(1);
  });

  it('passes on what the client saw that cannot be', async () => {
    const ledger = ledgerOfThree();
    ledger.contradictions.push('not found by the next search');
    const { broken } = await verify(ledger, service(['a', 'b']), { truth: truthOf(rows()) });
    expect(broken).toEqual(['not found by the next search']);
  });
});

describe(untilIndexed.name, () => {
  const compare = (ids: readonly string[], waiting = 0) =>
    untilIndexed(
      'tenant',
      { truth: truthOf(rows(), waiting), index: { of: async () => [...ids] } },
      0,
    );

  it('has nothing to say of an index with just the entries of PostgreSQL', async () => {
    expect(indexFaults(await compare(['entry-b', 'entry-a']))).toEqual([]);
  });

  it.each([
    ['a missing entry', ['entry-a'], 0, { missing: 1 }],
    ['an orphan', ['entry-a', 'entry-b', 'entry-c'], 0, { orphans: 1 }],
    ['an entry that is there twice', ['entry-a', 'entry-b', 'entry-b'], 0, { doubled: 1 }],
    ['a task that waits', ['entry-a', 'entry-b'], 1, { waiting: 1 }],
  ])('sees %s', async (_, ids, waiting, seen) => {
    const state = await compare(ids, waiting);
    expect(state).toMatchObject(seen);
    expect(indexFaults(state)).toHaveLength(1);
  });
});
