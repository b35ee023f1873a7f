import { Injectable } from '@nestjs/common';
import type { TenantScope } from '@soma/core';
import { groupingOf, groupItems, MAX_TIER, nodeOver, type TreeNode } from '@soma/hierarchy';
import { HierarchyStore, type LayerChange, type LayerItem } from './hierarchy-store.js';
import { NodeMaker } from './node-maker.js';
import { readSpan, type Span, type SpanOptions } from './span.js';

/** What a step did. */
export interface Step {
  /** Whether nothing was marked. */
  readonly done: boolean;
  readonly made: number;
  readonly removed: number;
}

const NOTHING: Step = { done: true, made: 0, removed: 0 };
/** A span that others keep changing is left for later. */
const TRIES = 5;

/** Groups what is marked, a span of one level at a time, lowest first. */
@Injectable()
export class Consolidator {
  constructor(
    private readonly store: HierarchyStore,
    private readonly maker: NodeMaker,
  ) {}

  /**
   * Brings the nodes over one span up to date. Whoever calls holds the turn.
   * @param options.since marks made earlier are left.
   * @param options.limits how much one step takes; the tree is the same for any.
   */
  async step(
    scope: TenantScope,
    namespace: string,
    holder: string,
    options: SpanOptions = {},
  ): Promise<Step & { readonly lost?: boolean }> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const span = await readSpan(this.store, scope, namespace, options);
      if (!span) return NOTHING;
      const change = await this.change(scope, span, holder);
      if (!change) continue;
      const { state, made, removed } = await this.store.apply(scope, change);
      if (state === 'lost') return { ...NOTHING, lost: true };
      if (state === 'applied') return { done: false, made, removed };
    }
    return { ...NOTHING, lost: true };
  }

  private async change(
    scope: TenantScope,
    { layer, items, marks }: Span,
    holder: string,
  ): Promise<LayerChange | undefined> {
    const base = { ...layer, holder, items, marks };
    const nothing = { ...base, made: [], kept: [], alone: [] };
    if (layer.level >= MAX_TIER) return { ...nothing, items: [] };
    if (items.length === 1 && layer.level > 0 && (await this.store.isSingle(scope, layer))) {
      return nothing;
    }
    const { nodes, alone } = await this.group(scope, layer.level, items);
    const there = await this.store.existing(
      scope,
      nodes.map(({ id }) => id),
    );
    const missing = nodes.filter(({ id }) => !there.has(id));
    const drafts = await this.maker.make(scope, missing);
    if (drafts.size < missing.length) return undefined;
    return {
      ...base,
      alone,
      kept: [...there],
      made: missing.flatMap((node) => {
        const draft = drafts.get(node.id);
        return draft ? [{ node, draft }] : [];
      }),
    };
  }

  private async group(
    scope: TenantScope,
    level: number,
    items: readonly LayerItem[],
  ): Promise<{ nodes: TreeNode[]; alone: LayerItem[] }> {
    const vectors = await this.store.vectors(
      scope,
      items.map(({ id }) => id),
    );
    const known = [...vectors.values()][0];
    const unknown = new Float32Array(known?.length ?? 0);
    const groups = groupItems(
      items.map((item) => ({ ...item, vector: vectors.get(item.id) ?? unknown })),
      groupingOf(level),
    );
    return {
      nodes: groups.filter(({ length }) => length > 1).map((group) => nodeOver(group, level + 1)),
      alone: groups.flatMap((group) => (group.length === 1 ? group : [])),
    };
  }
}
