import { Injectable } from '@nestjs/common';
import { decodeCursor, encodeCursor, SomaError, type TenantScope } from '@soma/core';
import { type MemoryAddress, MemoryRepository } from '@soma/memory';
import { HierarchyStore, type SourceStep, type StoredNode } from './hierarchy-store.js';
import type {
  HierarchyTree,
  MemorySources,
  ShownNode,
  SourcesQuery,
  TreeQuery,
} from './hierarchy.schema.js';

/** Most steps below the roots of one answer. */
const MOST_STEPS = 1_000;

/** The tree, and what stands on what. */
@Injectable()
export class HierarchyReadingService {
  constructor(
    private readonly store: HierarchyStore,
    private readonly memories: MemoryRepository,
  ) {}

  async tree(scope: TenantScope, query: TreeQuery): Promise<HierarchyTree> {
    scope.assertNamespace(query.namespace);
    const { cursor, limit, depth, ...rest } = query;
    const question = { tenant: scope.tenantId, ...rest };
    const roots =
      query.root === undefined
        ? await this.store.roots(scope, {
            namespace: query.namespace,
            from: dateOf(query.from),
            to: dateOf(query.to),
            limit: limit + 1,
            after:
              cursor === undefined
                ? undefined
                : decodeCursor(cursor, question, (value) => typeof value === 'number'),
          })
        : await this.root(scope, query.namespace, query.root);
    const shown = roots.slice(0, limit);
    const last = roots.length > limit ? shown.at(-1) : undefined;
    const ids = shown.map(({ memory }) => memory.id);
    const steps = await this.store.steps(scope, ids, 'down', depth + 1, MOST_STEPS);
    return {
      nodes: await this.below(scope, shown, steps, depth),
      truncated: steps.length >= MOST_STEPS,
      next_cursor: last
        ? encodeCursor({ value: startOf(last).getTime(), id: last.memory.id }, question)
        : null,
    };
  }

  async sources(
    scope: TenantScope,
    address: MemoryAddress,
    { direction, depth, limit }: SourcesQuery,
  ): Promise<MemorySources> {
    const memory = await this.memories.find(scope, address);
    if (!memory) throw missing();
    const steps = await this.store.steps(scope, [memory.id], direction, depth, limit + 1);
    const other = ({ nodeId, sourceId }: SourceStep): string =>
      direction === 'down' ? sourceId : nodeId;
    const shown = steps.slice(0, limit);
    const nodes = await this.byId(scope, shown.map(other));
    return {
      memory_id: memory.id,
      sources: shown.flatMap((step) => {
        const found = nodes.get(other(step));
        if (!found) return [];
        return [
          {
            memory: found.memory,
            node_id: step.nodeId,
            version: step.sourceVersion,
            weight: step.weight,
            depth: step.depth,
          },
        ];
      }),
      truncated: steps.length > limit,
    };
  }

  private async root(scope: TenantScope, namespace: string, id: string): Promise<StoredNode[]> {
    const nodes = await this.store.nodes(scope, [id]);
    const isHere = nodes[0]?.memory.namespace === namespace;
    if (!isHere) throw missing();
    return nodes;
  }

  /** Each root and what is below it, a node before its sources. */
  private async below(
    scope: TenantScope,
    roots: readonly StoredNode[],
    steps: readonly SourceStep[],
    depth: number,
  ): Promise<ShownNode[]> {
    const sources = new Map<string, string[]>();
    for (const { nodeId, sourceId } of steps) {
      sources.set(nodeId, [...(sources.get(nodeId) ?? []), sourceId]);
    }
    const near = steps.filter((step) => step.depth <= depth).map(({ sourceId }) => sourceId);
    const nodes = await this.byId(scope, near);
    for (const root of roots) nodes.set(root.memory.id, root);
    const shown: ShownNode[] = [];
    const show = (id: string, level: number, parent: string | null): void => {
      const node = nodes.get(id);
      if (!node) return;
      const under = sources.get(id) ?? [];
      shown.push({
        memory: node.memory,
        from: startOf(node).toISOString(),
        to: node.endsAt.toISOString(),
        episodes: node.leaves,
        depth: level,
        parent_id: parent,
        sources: under,
      });
      if (level < depth) for (const source of under) show(source, level + 1, id);
    };
    for (const { memory } of roots) show(memory.id, 0, null);
    return shown;
  }

  private async byId(scope: TenantScope, ids: readonly string[]): Promise<Map<string, StoredNode>> {
    const nodes = await this.store.nodes(scope, [...new Set(ids)]);
    return new Map(nodes.map((node) => [node.memory.id, node]));
  }
}

const startOf = ({ memory }: StoredNode): Date => new Date(memory.occurred_at ?? memory.created_at);
const dateOf = (text: string | undefined): Date | undefined =>
  text === undefined ? undefined : new Date(text);
const missing = (): SomaError =>
  new SomaError('MEMORY_NOT_FOUND', 'There is no such memory in this namespace.');
