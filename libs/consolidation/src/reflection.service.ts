import { Injectable } from '@nestjs/common';
import {
  derivedTrust,
  type IdempotencyClaim,
  memoryId,
  SomaError,
  type TenantScope,
} from '@soma/core';
import { parseFilter } from '@soma/filter';
import { groupingOf, groupItems, inTime, nodeOver } from '@soma/hierarchy';
import { type Memory, MemoryRepository } from '@soma/memory';
import { v7 as uuidv7 } from 'uuid';
import { Digester, type MadeDigest } from './digester.js';
import { HierarchyStore, type LayerItem, type NodeDraft } from './hierarchy-store.js';
import {
  MAX_SUMMARISED,
  type Reflect,
  type Reflection,
  type Summarize,
  type Summary,
} from './hierarchy.schema.js';
import { digestSources, NodeMaker } from './node-maker.js';
import { SummaryKeeping } from './summary-keeping.js';

/** Of type `summary`, and of no place in the tree. */
const TIER_OF_SUMMARY = 2;

interface Digested {
  readonly items: readonly LayerItem[];
  readonly digest: MadeDigest;
}

/** Says what memories have in common, and keeps it only when asked to. */
@Injectable()
export class ReflectionService {
  constructor(
    private readonly store: HierarchyStore,
    private readonly memories: MemoryRepository,
    private readonly digester: Digester,
    private readonly maker: NodeMaker,
    private readonly keeping: SummaryKeeping,
  ) {}

  async reflect(
    scope: TenantScope,
    { namespace, n, by, max_tokens: tokens, store }: Reflect,
    claim?: IdempotencyClaim,
  ): Promise<Reflection> {
    scope.assertNamespace(namespace);
    const items = await this.withVectors(scope, await this.store.recent(scope, namespace, by, n));
    const groups = groupItems(items, groupingOf(0));
    const digested: Digested[] = [];
    for (const group of groups) {
      digested.push({ items: group, digest: await this.digest(scope, group, tokens) });
    }
    digested.sort((a, b) => (a.items[0]?.startsAt ?? 0) - (b.items[0]?.startsAt ?? 0));
    const kept = store ? await this.keep(scope, namespace, digested, claim) : [];
    return {
      looked_at: items.length,
      groups: digested.map(({ items: all, digest }, at) => ({
        ...shown(all, digest),
        from: new Date(Math.min(...all.map(({ startsAt }) => startsAt))).toISOString(),
        to: new Date(Math.max(...all.map(({ endsAt }) => endsAt))).toISOString(),
        memory: kept[at] ?? null,
      })),
    };
  }

  async summarize(
    scope: TenantScope,
    request: Summarize,
    claim?: IdempotencyClaim,
  ): Promise<Summary> {
    const { namespace, max_tokens: tokens, store } = request;
    scope.assertNamespace(namespace);
    const items = inTime(await this.store.items(scope, await this.idsOf(scope, request)));
    if (items.length === 0) {
      throw new SomaError('MEMORY_NOT_FOUND', 'There is no memory to summarise.');
    }
    const digest = await this.digest(scope, items, tokens);
    const kept = store ? await this.keep(scope, namespace, [{ items, digest }], claim) : [];
    return { ...shown(items, digest), memory: kept[0] ?? null };
  }

  private async idsOf(
    scope: TenantScope,
    { namespace, filter, ids }: Summarize,
  ): Promise<readonly string[]> {
    if (filter !== undefined) {
      const parsed = parseFilter(filter);
      await this.keeping.encrypted.assertFilterable(scope, parsed);
      const target = { kind: 'filter', namespace, filter: parsed } as const;
      return (await this.memories.match(scope, target, MAX_SUMMARISED)).ids;
    }
    const asked = [...new Set(ids)];
    const found = await this.store.nodes(scope, asked);
    const here = new Set(
      found.flatMap(({ memory }) => (memory.namespace === namespace ? [memory.id] : [])),
    );
    const absent = asked.find((id) => !here.has(id));
    if (absent === undefined) return asked;
    throw new SomaError('MEMORY_NOT_FOUND', `There is no memory of id ${absent} in the namespace.`);
  }

  private async digest(
    scope: TenantScope,
    items: readonly LayerItem[],
    tokens: number,
  ): Promise<MadeDigest> {
    const texts = await this.store.texts(
      scope,
      items.map(({ id }) => id),
    );
    return this.digester.digest(scope, digestSources({ sources: items }, texts), tokens);
  }

  /** In one transaction, after all that takes time. */
  private async keep(
    scope: TenantScope,
    namespace: string,
    digested: readonly Digested[],
    claim: IdempotencyClaim | undefined,
  ): Promise<Memory[]> {
    const nodes = digested.map(({ items }) => ({
      ...nodeOver(items, TIER_OF_SUMMARY),
      // Not by its sources: the tree may have a node over the same.
      id: uuidv7(),
    }));
    const digests = new Map(nodes.map(({ id }, at) => [id, digested[at]?.digest]));
    const drafts = await this.maker.make(scope, nodes, digests);
    return this.keeping.unitOfWork.run(scope, claim, async () => {
      const kept: Memory[] = [];
      for (const { id } of nodes) {
        const draft = drafts.get(memoryId(id));
        if (!draft) throw new SomaError('MEMORY_NOT_FOUND', 'A memory was deleted meanwhile.');
        kept.push(await this.store.store(scope, namespace, writtenBy(scope, draft)));
      }
      return kept;
    });
  }

  private async withVectors(scope: TenantScope, items: readonly LayerItem[]): Promise<LayerItem[]> {
    const vectors = await this.store.vectors(
      scope,
      items.map(({ id }) => id),
    );
    return items.map((item) => ({ ...item, vector: vectors.get(item.id) ?? item.vector }));
  }
}

/** Asked for by a token that is trusted less than the sources, a digest is trusted as the token. */
function writtenBy({ writer }: TenantScope, draft: NodeDraft): NodeDraft {
  const trust = derivedTrust([draft, writer]);
  return { ...draft, trust, payload: { ...draft.payload, trust } };
}

const shown = (items: readonly LayerItem[], { text, cited, record }: MadeDigest) => ({
  text,
  memory_ids: items.map(({ id }) => id),
  cited: [...cited],
  method: record.method,
});
