import { concurrently } from '../../bench/concurrently.ts';
import type { IndexEntries } from './index-entries.ts';
import type { Acknowledged, KnownMemory, Ledger } from './ledger.ts';
import { pause } from './pause.ts';
import type { Outcome } from './sender.ts';
import type { Tenant } from './service.ts';
import type { StoredState, Truth } from './truth.ts';

/** The promise: so long after the index answers its canary it says what PostgreSQL says. */
export const INDEX_WITHIN_S = 60;
const POLL_MS = 250;
const SEARCHES_A_CALL = 50;
const CALLERS = 2;
const ANSWERED_WITHIN_MS = 30_000;

export interface Stores {
  readonly truth: Truth;
  readonly index: IndexEntries;
}

interface Comparable {
  readonly truth: Pick<Truth, 'read' | 'waiting'>;
  readonly index: Pick<IndexEntries, 'of'>;
}

interface Asked {
  readonly id: string;
  readonly sender: Pick<Tenant['sender'], 'send'>;
}

export interface IndexState {
  readonly missing: number;
  readonly orphans: number;
  readonly doubled: number;
  /** Tasks that a worker has yet to do. */
  readonly waiting: number;
  /** Seconds until nothing was missing, orphaned or waiting. */
  readonly afterS: number;
}

export interface Verdict {
  readonly acknowledged: number;
  readonly present: number;
  readonly findable: number;
  /** Memories and versions that nobody asked for. */
  readonly duplicates: number;
  readonly broken: readonly string[];
}

/** Waits until the index has just the entries of PostgreSQL and no task waits. */
export async function untilIndexed(
  tenant: string,
  { truth, index }: Comparable,
  withinS = INDEX_WITHIN_S,
): Promise<IndexState> {
  const began = performance.now();
  const elapsed = (): number => (performance.now() - began) / 1000;
  for (;;) {
    const [{ entries }, indexed, waiting] = await Promise.all([
      truth.read(tenant),
      index.of(tenant),
      truth.waiting(tenant),
    ]);
    const wanted = new Set(entries.values());
    const found = new Set(indexed);
    const state = {
      missing: [...wanted].filter((id) => !found.has(id)).length,
      orphans: [...found].filter((id) => !wanted.has(id)).length,
      doubled: indexed.length - found.size,
      waiting,
      afterS: elapsed(),
    };
    const isWell = state.missing + state.orphans + state.doubled + waiting === 0;
    if (isWell || elapsed() > withinS) return state;
    await pause(POLL_MS);
  }
}

export function indexFaults(state: IndexState): string[] {
  const { missing, orphans, doubled, waiting } = state;
  if (missing + orphans + doubled + waiting === 0) return [];
  return [
    `within ${INDEX_WITHIN_S} s of its canary the index was to say what PostgreSQL says; ` +
      `${missing} entries are missing, ${orphans} are orphans, ${doubled} are there twice, ${waiting} tasks wait`,
  ];
}

/** Compares what was acknowledged with PostgreSQL, and with what the API finds. */
export async function verify(
  ledger: Ledger,
  tenant: Asked,
  { truth }: Pick<Comparable, 'truth'>,
): Promise<Verdict> {
  const certain = ledger.acknowledged.filter(({ memory }) => !memory.uncertain);
  const state = await truth.read(tenant.id);
  const found = await findAll(ledger, tenant);
  const present = certain.filter((write) => isPresent(write, state));
  const findable = certain.filter(({ memory }) => found.has(memory.id));
  const duplicates = duplicatesIn(state, ledger);
  const broken = [...ledger.contradictions];
  if (present.length < certain.length) {
    broken.push(
      `every acknowledged write was to be in PostgreSQL; ${certain.length - present.length} of ` +
        `${certain.length} are not, such as ${example(certain, (write) => !isPresent(write, state))}`,
    );
  }
  if (findable.length < certain.length) {
    broken.push(
      `every acknowledged write was to be seen by searches and reads; ` +
        `${certain.length - findable.length} of ${certain.length} are not, such as ` +
        example(certain, ({ memory }) => !found.has(memory.id)),
    );
  }
  if (duplicates > 0) {
    broken.push(
      `a write sent again was to count once; ${duplicates} memories or versions are extra`,
    );
  }
  return {
    acknowledged: certain.length,
    present: present.length,
    findable: findable.length,
    duplicates,
    broken,
  };
}

function isPresent({ memory, version }: Acknowledged, state: StoredState): boolean {
  if (memory.deleted) return !state.memories.has(memory.id);
  return (
    state.memories.get(memory.id) === memory.version &&
    state.versions.has(`${memory.id}/${version}`)
  );
}

function duplicatesIn(state: StoredState, ledger: Ledger): number {
  const known = new Map(ledger.memories.map((memory) => [memory.id, memory]));
  let strangers = 0;
  let versions = 0;
  for (const [id, version] of state.memories) {
    const memory = known.get(id);
    if (!memory) strangers += 1;
    else if (!memory.uncertain) versions += Math.max(0, version - memory.version);
  }
  return Math.max(0, strangers - ledger.lostStores) + versions;
}

/** The ids of memories that are as they should be: found by vector, by word and by id, or gone. */
async function findAll(ledger: Ledger, tenant: Asked): Promise<Set<string>> {
  const memories = ledger.memories.filter(({ uncertain }) => !uncertain);
  const parts = Array.from({ length: Math.ceil(memories.length / SEARCHES_A_CALL) }, (_, part) =>
    memories.slice(part * SEARCHES_A_CALL, (part + 1) * SEARCHES_A_CALL),
  );
  const good = await concurrently(parts, CALLERS, async (part) => {
    const byVector = await searchAll(tenant, part, 'dense');
    const byWord = await searchAll(tenant, part, 'lexical');
    const byId = await Promise.all(part.map((memory) => isRead(tenant, memory)));
    return part.filter((memory, at) => {
      const isFound = byVector[at] === true && byWord[at] === true;
      const isNotFound = byVector[at] === false && byWord[at] === false;
      return byId[at] === true && (memory.deleted ? isNotFound : isFound);
    });
  });
  return new Set(good.flat().map(({ id }) => id));
}

interface BatchAnswer {
  readonly results: readonly {
    readonly answer?: {
      readonly memories: readonly { readonly id: string }[];
      readonly partial: boolean;
    };
  }[];
}

/** A refusal, or a partial answer, says nothing about what is stored: it is asked again. */
async function untilAnswered(ask: () => Promise<Outcome>): Promise<Outcome> {
  for (const end = performance.now() + ANSWERED_WITHIN_MS; ;) {
    const outcome = await ask();
    const isRefused = outcome.status === 0 || outcome.status >= 500;
    if (!isRefused || performance.now() > end) return outcome;
    await pause(POLL_MS);
  }
}

async function searchAll(
  { sender }: Asked,
  memories: readonly KnownMemory[],
  recipe: 'dense' | 'lexical',
): Promise<boolean[]> {
  const searches = memories.map(({ marker, content }) => ({
    query: recipe === 'dense' ? content : marker,
    recipe,
    top_k: 3,
  }));
  const { body } = await untilAnswered(async () => {
    const outcome = await sender.send('POST', '/memories/search/batch', { body: { searches } });
    const results = (outcome.body as Partial<BatchAnswer> | undefined)?.results ?? [];
    const isWhole = results.length > 0 && results.every(({ answer }) => answer?.partial === false);
    return isWhole ? outcome : { ...outcome, status: 0 };
  });
  const { results = [] } = (body ?? {}) as Partial<BatchAnswer>;
  return memories.map(
    (memory, at) => results[at]?.answer?.memories.some(({ id }) => id === memory.id) ?? false,
  );
}

async function isRead({ sender }: Asked, memory: KnownMemory): Promise<boolean> {
  const { status, body } = await untilAnswered(() => sender.send('GET', `/memories/${memory.id}`));
  if (memory.deleted) return status === 404;
  const read = body as { version?: number; content?: string } | undefined;
  return status === 200 && read?.version === memory.version && read.content === memory.content;
}

function example(writes: readonly Acknowledged[], isBad: (write: Acknowledged) => boolean): string {
  const bad = writes.find(isBad);
  if (!bad) return 'none';
  const { id, deleted, version } = bad.memory;
  return `the ${bad.kind} of ${id} (acknowledged as ${deleted ? 'deleted' : `version ${version}`})`;
}
