import type { TenantScope } from '@soma/core';
import { Circuit } from '@soma/resilience';
import {
  VectorIndex,
  type IndexEntry,
  type IndexHit,
  type CountedEntries,
  type EntryIdPage,
  type IndexQuery,
  type SoughtEntries,
} from '../vector-index.js';
import { isIndexOutage, outage } from './index-outage.js';

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
const SICKNESS = { dependency: 'The vector index', isOutage: isIndexOutage, outage };

/**
 * An index that may be sick. The first read without an answer is waited for until its deadline;
 * those after it fail at once, until a check made in the background finds the index well. Writes,
 * which a worker repeats by itself, have a circuit of their own.
 */
export class GuardedVectorIndex extends VectorIndex {
  readonly visibilityLagMs: number;
  private readonly reads: Circuit;
  private readonly writes: Circuit;

  constructor(
    private readonly index: VectorIndex,
    { readTimeoutMs, writeTimeoutMs, pauseMs = PAUSE_MS, onBreaker }: GuardedIndexOptions,
  ) {
    super();
    this.visibilityLagMs = index.visibilityLagMs;
    this.reads = new Circuit({
      ...SICKNESS,
      deadlineMs: readTimeoutMs,
      failures: 1,
      pauseMs,
      probe: () => index.check(),
      onChange: (isOpen) => onBreaker?.('index-reads', isOpen),
    });
    this.writes = new Circuit({
      ...SICKNESS,
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

  drop(model: string): Promise<void> {
    return this.writes.run('drop a model', () => this.index.drop(model));
  }

  held(scope: TenantScope, sought: SoughtEntries): Promise<string[]> {
    return this.writes.run('look for entries', () => this.index.held(scope, sought));
  }

  clear(scope: TenantScope): Promise<number> {
    return this.writes.run('clear a tenant', () => this.index.clear(scope));
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
