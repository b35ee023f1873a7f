import { randomUUID } from 'node:crypto';
import type { KnownMemory, Ledger, StoredAnswer } from './ledger.ts';
import { uniqueText } from './marked-text.ts';
import { pause } from './pause.ts';
import type { RequestLog } from './request-log.ts';
import type { Outcome, Sender } from './sender.ts';

export interface LoadOptions {
  /** Least number of writes; the load also goes on until `until` says so. */
  readonly writes: number;
  readonly until?: () => boolean;
  readonly clients: number;
  readonly perSecond: number;
}

export interface LoadTargets {
  readonly sender: Sender;
  readonly ledger: Ledger;
  readonly log: RequestLog;
}

/** How long a client asks again for one write before it gives up on it. */
const GIVE_UP_MS = 120_000;
const RETRY_MS = 100;
/** In a hundred writes; the rest are stores. */
const PATCHES = 18;
const DELETIONS = 10;
const STORES_AT_TAKEN_COORDINATE = 8;
const STORES_WITHOUT_COORDINATE = 25;
/** One of so many writes is followed by a look whether it is there. */
const LOOK_AFTER = 3;

/**
 * Writes as good clients do: each write has an Idempotency-Key and is sent again, with it, for as
 * long as there is no answer or a 503. Each client has memories of its own, so that what the last
 * acknowledged write says of a memory is all there is to say.
 */
export class Load {
  readonly #targets: LoadTargets;
  readonly #options: LoadOptions;
  #begun = 0;
  #nextSlot = performance.now();

  constructor(targets: LoadTargets, options: LoadOptions) {
    this.#targets = targets;
    this.#options = options;
  }

  /** Writes that were begun so far. */
  get begun(): number {
    return this.#begun;
  }

  /** The result need not be waited for at once: a failure is not unheard before it is. */
  run(): Promise<void> {
    const clients = Array.from({ length: this.#options.clients }, () => this.#client());
    const all = Promise.all(clients).then(() => undefined);
    all.catch(() => undefined);
    return all;
  }

  async #client(): Promise<void> {
    const own: KnownMemory[] = [];
    const { writes, until = () => true } = this.#options;
    while (this.#begun < writes || !until()) {
      this.#begun += 1;
      const turn = this.#begun;
      await this.#slot();
      const written = await this.#write(own);
      if (written && turn % LOOK_AFTER === 0) await this.#look(written, turn);
    }
  }

  /** Writes are spread evenly over time, however fast they are answered. */
  async #slot(): Promise<void> {
    const now = performance.now();
    this.#nextSlot = Math.max(now, this.#nextSlot + 1000 / this.#options.perSecond);
    if (this.#nextSlot > now) await pause(this.#nextSlot - now);
  }

  async #write(own: KnownMemory[]): Promise<KnownMemory | undefined> {
    const chance = Math.random() * 100;
    const usable = own.filter((memory) => !memory.deleted && !memory.uncertain);
    const memory = usable[Math.floor(Math.random() * usable.length)];
    if (memory && chance < PATCHES) return this.#patch(memory);
    if (memory && chance < PATCHES + DELETIONS) return this.#delete(memory);
    const isRepeat = chance < PATCHES + DELETIONS + STORES_AT_TAKEN_COORDINATE;
    if (memory && isRepeat) return this.#store(own, memory);
    return this.#store(own);
  }

  async #store(own: KnownMemory[], at?: KnownMemory): Promise<KnownMemory | undefined> {
    const text = uniqueText();
    const coord = at?.coordinate ?? newCoordinate();
    const body = { content: text.content, ...(coord !== undefined && { coord }) };
    const outcome = await this.#acknowledge('store', 'POST', '/memories', body);
    if (outcome) {
      const memory = this.#targets.ledger.stored(outcome.body as StoredAnswer, text);
      if (!own.includes(memory)) own.push(memory);
      return memory;
    }
    if (at) at.uncertain = true;
    else this.#targets.ledger.lostStores += 1;
    return undefined;
  }

  async #patch(memory: KnownMemory): Promise<KnownMemory> {
    const text = uniqueText();
    const body = { content: text.content };
    const outcome = await this.#acknowledge('patch', 'PATCH', `/memories/${memory.id}`, body);
    if (outcome) this.#targets.ledger.patched(memory, outcome.body as StoredAnswer, text);
    else memory.uncertain = true;
    return memory;
  }

  async #delete(memory: KnownMemory): Promise<KnownMemory> {
    const outcome = await this.#acknowledge('delete', 'DELETE', `/memories/${memory.id}`);
    if (outcome) this.#targets.ledger.deleted(memory);
    else memory.uncertain = true;
    return memory;
  }

  async #acknowledge(
    what: string,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Outcome | undefined> {
    const { sender, log, ledger } = this.#targets;
    const headers = { 'idempotency-key': randomUUID() };
    for (const end = performance.now() + GIVE_UP_MS; performance.now() < end;) {
      const outcome = await sender.send(method, path, { body, headers });
      log.note(what, outcome);
      if (outcome.status >= 200 && outcome.status < 300) return outcome;
      if (outcome.status >= 400 && outcome.status < 500 && outcome.status !== 429) {
        ledger.contradictions.push(
          `${method} ${path} was refused with ${outcome.status}: ${JSON.stringify(outcome.body)}`,
        );
        return undefined;
      }
      await pause(Number(outcome.headers['retry-after'] ?? 0) * 1000 || RETRY_MS);
    }
    return undefined;
  }

  /** What was acknowledged is seen by the next request; not being answered is no contradiction. */
  async #look(memory: KnownMemory, turn: number): Promise<void> {
    const { sender, log, ledger } = this.#targets;
    if (memory.uncertain) return;
    if (turn % 2 === 0) {
      const read = await sender.send('GET', `/memories/${memory.id}`);
      log.note('read', read, memory.deleted && read.status === 404);
      const seen = (read.body as { version?: number } | undefined)?.version;
      const isThere = read.status === 200 && seen === memory.version;
      const isGone = read.status === 404 && memory.deleted;
      if (read.status === 0 || read.status >= 500 || isThere || isGone) return;
      const wanted = memory.deleted ? 'deleted' : `version ${memory.version}`;
      ledger.contradictions.push(
        `memory ${memory.id} was acknowledged as ${wanted} and read as ${read.status} version ${seen}`,
      );
      return;
    }
    const recipe = turn % 4 === 1 || memory.isPending ? 'lexical' : 'dense';
    const query = recipe === 'lexical' ? memory.marker : memory.content;
    const body = { query, recipe, top_k: 3 };
    const search = await sender.send('POST', '/memories/search', { body });
    log.note('search', search);
    if (search.status !== 200) return;
    const { memories, partial } = search.body as SearchAnswer;
    const isFound = memories.some(({ id, content }) => id === memory.id && content === query);
    const byWords = memories.some(({ id }) => id === memory.id);
    const isSeen = recipe === 'lexical' ? byWords : isFound;
    if (isSeen === !memory.deleted || (partial && !memory.deleted)) return;
    ledger.contradictions.push(
      `memory ${memory.id}, acknowledged as ${memory.deleted ? 'deleted' : 'stored'}, was ` +
        `${isSeen ? '' : 'not '}found by the next ${recipe} search`,
    );
  }
}

interface SearchAnswer {
  readonly memories: readonly { readonly id: string; readonly content: string }[];
  readonly partial: boolean;
}

let coordinates = 0;

/** Never the same twice in one run; now and then none, so that the service derives one. */
function newCoordinate(): string | undefined {
  if (Math.random() * 100 < STORES_WITHOUT_COORDINATE) return undefined;
  coordinates += 1;
  return `${coordinates},${Math.floor(Math.random() * 1000)}.5,-7`;
}
