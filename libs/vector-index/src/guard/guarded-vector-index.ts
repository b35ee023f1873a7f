import type { TenantScope } from '@soma/core';
import {
  VectorIndex,
  type IndexEntry,
  type IndexHit,
  type CountedEntries,
  type EntryIdPage,
  type IndexQuery,
} from '../vector-index.js';
import { IndexCircuit } from './index-circuit.js';

export type IndexBreaker = 'index-reads' | 'index-writes';

export interface GuardedIndexOptions {
  /** Longest that a search or a check is waited for. */
  readonly readTimeoutMs: number;
  /** The same for what no request waits for: inserts, removals and counts. */
  readonly writeTimeoutMs?: number;
  /** How long a failing index is left alone. */
  readonly pauseMs?: number;
  readonly onBreaker?: (breaker: IndexBreaker, isOpen: boolean) => void;
}

/** Above the time that making and loading a collection may take. */
const WRITE_TIMEOUT_MS = 75_000;
const PAUSE_MS = 500;
const WRITE_FAILURES = 3;

/**
 * An index that may be sick. The first read without an answer is waited for until its deadline;
 * those after it fail at once, until a check made in the background finds the index well. Writes,
 * which a worker repeats by itself, have a circuit of their own.
 */
export class GuardedVectorIndex extends VectorIndex {
  readonly visibilityLagMs: number;
  private readonly reads: IndexCircuit;
  private readonly writes: IndexCircuit;

  constructor(
    private readonly index: VectorIndex,
    { readTimeoutMs, writeTimeoutMs, pauseMs = PAUSE_MS, onBreaker }: GuardedIndexOptions,
  ) {
    super();
    this.visibilityLagMs = index.visibilityLagMs;
    this.reads = new IndexCircuit({
      deadlineMs: readTimeoutMs,
      failures: 1,
      pauseMs,
      probe: () => index.check(),
      onChange: (isOpen) => onBreaker?.('index-reads', isOpen),
    });
    this.writes = new IndexCircuit({
      deadlineMs: writeTimeoutMs ?? WRITE_TIMEOUT_MS,
      failures: WRITE_FAILURES,
      pauseMs,
      onChange: (isOpen) => onBreaker?.('index-writes', isOpen),
    });
  }

  insert(scope: TenantScope, entries: readonly IndexEntry[]): Promise<void> {
    return this.writes.run('take entries', () => this.index.insert(scope, entries));
  }

  remove(scope: TenantScope, model: string, entryIds: readonly string[]): Promise<void> {
    return this.writes.run('remove entries', () => this.index.remove(scope, model, entryIds));
  }

  search(scope: TenantScope, query: IndexQuery): Promise<IndexHit[]> {
    return this.reads.run('search', () => this.index.search(scope, query));
  }

  count(scope: TenantScope, counted: CountedEntries): Promise<number> {
    return this.writes.run('count entries', () => this.index.count(scope, counted));
  }

  entryIds(scope: TenantScope, page: EntryIdPage): Promise<string[]> {
    return this.writes.run('list entries', () => this.index.entryIds(scope, page));
  }

  check(): Promise<void> {
    return this.reads.run('find its canary', () => this.index.check());
  }

  async close(): Promise<void> {
    this.reads.close();
    this.writes.close();
    await this.index.close();
  }
}
