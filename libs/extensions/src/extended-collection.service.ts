import { Inject, Injectable } from '@nestjs/common';
import { SomaError, type TenantScope } from '@soma/core';
import {
  type BulkItemResult,
  type BulkOptions,
  type BulkResult,
  type BulkStore,
  type DeleteMemories,
  type Deletion,
  itemErrorOf,
  MemoryCollectionService,
  type MutationOptions,
  storeMemorySchema,
} from '@soma/memory';
import { assertDeletable, tellDeleted } from './delete-hooks.js';
import { Extensions } from './extensions.js';
import { admitted, tellStored } from './store-hooks.js';

interface Judged {
  readonly memories: { readonly index: number; readonly memory: unknown }[];
  readonly refused: BulkItemResult[];
}

/** Many memories at a time, with hooks around each that is stored. */
@Injectable()
export class ExtendedCollectionService extends MemoryCollectionService {
  @Inject(Extensions) private readonly extensions!: Extensions;

  override async storeBulk(
    scope: TenantScope,
    request: BulkStore,
    options: BulkOptions = {},
  ): Promise<BulkResult> {
    const { memories, refused } = await this.judged(scope, request.memories);
    const stored = await super.storeBulk(
      scope,
      { memories: memories.map(({ memory }) => memory) },
      options,
    );
    tellStored(
      this.extensions,
      scope,
      stored.results.map(({ memory }) => memory),
    );
    if (refused.length === 0) return stored;
    const kept = stored.results.map((result) => ({
      ...result,
      index: memories[result.index]?.index ?? result.index,
    }));
    const results = [...kept, ...refused].sort((left, right) => left.index - right.index);
    return { ...stored, results, failed: stored.failed + refused.length };
  }

  override async delete(
    scope: TenantScope,
    request: DeleteMemories,
    options: MutationOptions = {},
  ): Promise<Deletion> {
    const { ids, namespace, filter = {} } = request;
    if (!ids) scope.assertNamespace(namespace);
    if (!request.dry_run) {
      const which = ids ? { ids } : { namespace, filter };
      await assertDeletable(this.extensions, scope, { kind: 'memories', ...which });
    }
    const deletion = await super.delete(scope, request, options);
    const { receipt_id: receipt } = deletion;
    if (receipt !== null) {
      const deleted = { kind: 'memories', ids: deletion.ids, receipt_id: receipt } as const;
      tellDeleted(this.extensions, scope, deleted);
    }
    return deletion;
  }

  private async judged(scope: TenantScope, items: readonly unknown[]): Promise<Judged> {
    const judged: Judged = { memories: [], refused: [] };
    const isAsked = this.extensions.has('beforeStore');
    for (const [index, item] of items.entries()) {
      try {
        const memory = isAsked ? await this.admit(scope, item) : item;
        judged.memories.push({ index, memory });
      } catch (error) {
        // One that fails would fail, or be late, for every item that follows.
        if (!isRefusal(error)) throw error;
        judged.refused.push({ index, status: error.status, error: itemErrorOf(error) });
      }
    }
    return judged;
  }

  /** One that is not valid, or not of the token's, no hook sees: the service refuses it. */
  private async admit(scope: TenantScope, item: unknown): Promise<unknown> {
    const { data: memory } = storeMemorySchema.safeParse(item);
    const trusted = memory?.trust === undefined || memory.trust <= scope.writer.trust;
    if (!memory || !trusted || !scope.covers(memory.namespace)) return item;
    return (await admitted(this.extensions, scope, { kind: 'store', memory })).memory;
  }
}

const isRefusal = (error: unknown): error is SomaError =>
  error instanceof SomaError && error.code === 'EXTENSION_REFUSED';
