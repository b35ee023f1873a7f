import { Injectable } from '@nestjs/common';
import { derivedTrust, GivingWay, type JsonObject, memoryId, type TenantScope } from '@soma/core';
import { Embedders } from '@soma/embedding';
import type { DigestSource, TreeNode } from '@soma/hierarchy';
import { derivedCoordinate } from '@soma/memory';
import { Digester, type MadeDigest } from './digester.js';
import { HierarchyStore, type NodeDraft, type SourceText } from './hierarchy-store.js';

/** Of one node's digest. */
export const DIGEST_TOKENS = 128;
/** Digests of a model asked for at once. */
const AT_ONCE = 4;

/** Gives nodes what they say, their vector, coordinate, importance and trust. */
@Injectable()
export class NodeMaker {
  constructor(
    private readonly store: HierarchyStore,
    private readonly digester: Digester,
    private readonly embedders: Embedders,
  ) {}

  /**
   * Drafts by the ids of the nodes. A node whose source is gone is left out.
   * @param given digests that were made already, by node.
   * @throws SomaError EMBEDDING_UNAVAILABLE
   */
  async make(
    scope: TenantScope,
    nodes: readonly TreeNode[],
    given: ReadonlyMap<string, MadeDigest | undefined> = new Map(),
  ): Promise<Map<string, NodeDraft>> {
    if (nodes.length === 0) return new Map();
    const ids = nodes.flatMap(({ sources }) => sources.map(({ id }) => id));
    const texts = await this.store.texts(scope, ids);
    const whole = nodes.filter(({ sources }) => sources.every(({ id }) => texts.has(id)));
    const digests: MadeDigest[] = [];
    const way = new GivingWay();
    for (let from = 0; from < whole.length; from += AT_ONCE) {
      const part = whole.slice(from, from + AT_ONCE);
      digests.push(
        ...(await Promise.all(
          part.map(
            async (node) =>
              given.get(node.id) ??
              (await this.digester.digest(scope, digestSources(node, texts), DIGEST_TOKENS)),
          ),
        )),
      );
      await way.betweenPieces();
    }
    const contents = whole.map(({ leaves }, at) => digests[at]?.text || `${leaves} episodes`);
    const embedder = this.embedders.active();
    const vectors = await embedder.embed(scope, contents);
    const drafts = whole.map((node, at): NodeDraft => {
      const [content = '', vector] = [contents[at], vectors[at]];
      if (!vector) throw new Error('The embedder left out a text.');
      const trust = derivedTrust(node.sources.flatMap(({ id }) => texts.get(id) ?? []));
      return {
        ...this.facts(node, texts),
        content,
        payload: payloadOf(node, trust, digests[at]),
        trust,
        coordinate: derivedCoordinate(vector, memoryId(node.id)),
        embedding: { model: embedder.model, vector },
      };
    });
    return new Map(drafts.map((draft) => [draft.id, draft]));
  }

  private facts(
    { id, tier, sources, leaves, startsAt }: TreeNode,
    texts: ReadonlyMap<string, SourceText>,
  ) {
    const importance = sources.reduce(
      (sum, source) => sum + (texts.get(source.id)?.importance ?? 0) * source.leaves,
      0,
    );
    return {
      id: memoryId(id),
      tier,
      startsAt,
      // Rounding, so that a sum of shares is never above 1.
      importance: Math.min(1, Math.round((importance / leaves) * 1e6) / 1e6),
      sources: sources.map((source) => ({
        id: source.id,
        version: source.version,
        weight: source.leaves / leaves,
      })),
    };
  }
}

/** What texts say, in the order of the sources. */
export const digestSources = (
  { sources }: Pick<TreeNode, 'sources'>,
  texts: ReadonlyMap<string, SourceText>,
): DigestSource[] =>
  sources.flatMap(({ id, leaves }) => {
    const text = texts.get(id);
    return text
      ? [{ id, text: text.content, speaker: text.speaker ?? undefined, weight: leaves }]
      : [];
  });

function payloadOf(
  { startsAt, endsAt, leaves }: TreeNode,
  trust: number,
  digest: MadeDigest | undefined,
): JsonObject {
  return {
    from: new Date(startsAt).toISOString(),
    to: new Date(endsAt).toISOString(),
    episodes: leaves,
    trust,
    digest: { ...digest?.record },
  };
}
