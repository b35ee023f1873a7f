/** One memory as the acknowledged writes have left it. */
export interface KnownMemory {
  readonly id: string;
  readonly coordinate: string;
  /** Words that nothing else holds; of the last acknowledged version. */
  marker: string;
  content: string;
  version: number;
  deleted: boolean;
  /** Its vector is made later: until then words find it, and vectors do not. */
  isPending: boolean;
  /** A write to it never got an answer: it may have happened or not. */
  uncertain: boolean;
}

export type WriteKind = 'store' | 'patch' | 'delete';

/** One acknowledged write. */
export interface Acknowledged {
  readonly kind: WriteKind;
  readonly memory: KnownMemory;
  /** The version it made; of a deletion the last one before. */
  readonly version: number;
}

export interface StoredAnswer {
  readonly id: string;
  readonly coordinate: string;
  readonly version: number;
  readonly embedding?: string;
}

/** Every write that was acknowledged, and what must therefore be there. */
export class Ledger {
  readonly acknowledged: Acknowledged[] = [];
  /** What the client saw that no honest service would say. */
  readonly contradictions: string[] = [];
  /** Stores without an answer: each may have made one memory that nobody knows of. */
  lostStores = 0;
  readonly #memories = new Map<string, KnownMemory>();

  get memories(): readonly KnownMemory[] {
    return [...this.#memories.values()];
  }

  stored(answer: StoredAnswer, text: { marker: string; content: string }): KnownMemory {
    const known = this.#memories.get(answer.id);
    if (known) {
      this.#changed(known, answer, text, 'store');
      return known;
    }
    if (answer.version !== 1) {
      this.contradictions.push(
        `a new memory ${answer.id} was acknowledged with version ${answer.version}, not 1`,
      );
    }
    const { id, coordinate, version } = answer;
    const memory = {
      id,
      coordinate,
      version,
      ...text,
      deleted: false,
      uncertain: false,
      isPending: answer.embedding === 'pending',
    };
    this.#memories.set(id, memory);
    this.acknowledged.push({ kind: 'store', memory, version });
    return memory;
  }

  patched(memory: KnownMemory, answer: StoredAnswer, text: { marker: string; content: string }) {
    this.#changed(memory, answer, text, 'patch');
  }

  deleted(memory: KnownMemory): void {
    memory.deleted = true;
    this.acknowledged.push({ kind: 'delete', memory, version: memory.version });
  }

  #changed(
    memory: KnownMemory,
    answer: StoredAnswer,
    text: { marker: string; content: string },
    kind: WriteKind,
  ): void {
    if (answer.id !== memory.id || answer.version !== memory.version + 1) {
      this.contradictions.push(
        `a ${kind} of ${memory.id} at version ${memory.version} was acknowledged as version ` +
          `${answer.version} of ${answer.id}`,
      );
    }
    Object.assign(memory, text, {
      version: answer.version,
      isPending: answer.embedding === 'pending',
    });
    this.acknowledged.push({ kind, memory, version: answer.version });
  }
}
