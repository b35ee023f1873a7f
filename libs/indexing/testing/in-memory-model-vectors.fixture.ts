import { randomUUID } from 'node:crypto';
import { type MemoryId, tenantId, TenantScope } from '@soma/core';
import {
  ModelVectors,
  type StoredVector,
  type UnembeddedText,
  type VectorPage,
} from '../src/model-vectors.js';

export const aScope = (): TenantScope => TenantScope.of(tenantId(randomUUID()));

const byMemory = (left: { memoryId: string }, right: { memoryId: string }): number =>
  left.memoryId < right.memoryId ? -1 : 1;

/** Vectors and texts of one namespace of each tenant. */
export class InMemoryModelVectors extends ModelVectors {
  readonly queued: MemoryId[] = [];
  private readonly vectors = new Map<TenantScope, Map<string, StoredVector[]>>();
  private readonly texts = new Map<TenantScope, UnembeddedText[]>();

  add(scope: TenantScope, model: string, vector: StoredVector): void {
    this.of(scope, model).push(vector);
  }

  say(scope: TenantScope, text: UnembeddedText): void {
    this.texts.set(scope, [...(this.texts.get(scope) ?? []), text]);
  }

  of(scope: TenantScope, model: string): StoredVector[] {
    const own = this.vectors.get(scope) ?? new Map<string, StoredVector[]>();
    const vectors = own.get(model) ?? [];
    this.vectors.set(scope, own.set(model, vectors));
    return vectors;
  }

  async count(scope: TenantScope, model: string): Promise<{ memories: number; vectors: number }> {
    const { length: memories } = this.texts.get(scope) ?? [];
    return { memories, vectors: this.of(scope, model).length };
  }

  async unembedded(
    scope: TenantScope,
    model: string,
    { limit, after }: { readonly limit: number; readonly after?: MemoryId },
  ): Promise<{ texts: UnembeddedText[]; last?: MemoryId }> {
    const made = new Set<string>(this.of(scope, model).map(({ memoryId }) => memoryId));
    const texts = (this.texts.get(scope) ?? [])
      .filter(
        ({ memoryId: id }) => id > (after ?? '') && !made.has(id) && !this.queued.includes(id),
      )
      .toSorted(byMemory)
      .slice(0, limit);
    return { texts, last: texts.length === limit ? texts.at(-1)?.memoryId : undefined };
  }

  async queue(_scope: TenantScope, _model: string, ids: readonly MemoryId[]): Promise<void> {
    this.queued.push(...ids);
  }

  async clear(scope: TenantScope, model: string, limit: number): Promise<number> {
    return this.of(scope, model).splice(0, limit).length;
  }

  async namespaces(
    scope: TenantScope,
    model: string,
  ): Promise<{ namespace: string; vectors: number }[]> {
    const { length } = this.of(scope, model);
    return length === 0 ? [] : [{ namespace: 'default', vectors: length }];
  }

  async page(scope: TenantScope, { model, after, limit }: VectorPage): Promise<StoredVector[]> {
    return this.of(scope, model)
      .filter(({ memoryId }) => memoryId > (after ?? ''))
      .toSorted(byMemory)
      .slice(0, limit);
  }
}
