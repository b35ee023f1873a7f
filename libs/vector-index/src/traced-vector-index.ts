import { timedCall, type TenantScope } from '@soma/core';
import { outcomeOf } from '@soma/resilience';
import type { OpenSpan, SpanAttributes, SpanDescription, Tracing } from '@soma/tracing';
import {
  type CountedEntries,
  type EntryIdPage,
  type IndexEntry,
  type IndexHit,
  type IndexQuery,
  type SoughtEntries,
  VectorIndex,
} from './vector-index.js';

/** Shows what an index is asked for in the trace under way, and to who watches dependencies. */
export class TracedVectorIndex extends VectorIndex {
  readonly visibilityLagMs: number;

  constructor(
    private readonly index: VectorIndex,
    private readonly engine: 'milvus' | 'flat',
    private readonly tracing: Tracing,
  ) {
    super();
    this.visibilityLagMs = index.visibilityLagMs;
  }

  insert(scope: TenantScope, entries: readonly IndexEntry[]): Promise<void> {
    return this.span('insert', sizeOf(entries), () => this.index.insert(scope, entries));
  }

  remove(scope: TenantScope, model: string, entryIds: readonly string[]): Promise<void> {
    return this.span('delete', sizeOf(entryIds), () => this.index.remove(scope, model, entryIds));
  }

  search(scope: TenantScope, query: IndexQuery): Promise<IndexHit[]> {
    const { topK, filter } = query;
    const attributes = { 'soma.top_k': topK, 'soma.filtered': filter !== undefined };
    return this.span('search', attributes, async (span) => {
      const hits = await this.index.search(scope, query);
      span.set({ 'db.response.returned_rows': hits.length });
      return hits;
    });
  }

  count(scope: TenantScope, counted: CountedEntries): Promise<number> {
    return this.span('count', {}, () => this.index.count(scope, counted));
  }

  entryIds(scope: TenantScope, page: EntryIdPage): Promise<string[]> {
    return this.span('list', {}, () => this.index.entryIds(scope, page));
  }

  drop(model: string): Promise<void> {
    return this.span('drop', {}, () => this.index.drop(model));
  }

  held(scope: TenantScope, sought: SoughtEntries): Promise<string[]> {
    return this.span('held', {}, () => this.index.held(scope, sought));
  }

  clear(scope: TenantScope): Promise<number> {
    return this.span('clear', {}, () => this.index.clear(scope));
  }

  check(): Promise<void> {
    return this.index.check();
  }

  close(): Promise<void> {
    return this.index.close();
  }

  private span<Result>(
    operation: string,
    attributes: SpanAttributes,
    work: (span: OpenSpan) => Promise<Result>,
  ): Promise<Result> {
    const { engine } = this;
    const kind = engine === 'milvus' ? 'client' : 'internal';
    const named = { 'db.system.name': engine, 'db.operation.name': operation };
    const description: SpanDescription = {
      name: `${operation} ${engine}`,
      kind,
      attributes: { ...named, ...attributes },
    };
    return timedCall(
      { dependency: engine, operation },
      () => this.tracing.within(description, work),
      outcomeOf,
    );
  }
}

const sizeOf = (all: readonly unknown[]): SpanAttributes => ({
  'db.operation.batch.size': all.length,
});
