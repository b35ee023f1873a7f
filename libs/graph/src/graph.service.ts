import { Injectable } from '@nestjs/common';
import {
  type IdempotencyClaim,
  type MemoryId,
  memoryId,
  parseCoordinate,
  SomaError,
  type TenantScope,
  UnitOfWork,
} from '@soma/core';
import type { MemoryAddress } from '@soma/memory';
import type {
  CreateLink,
  DeletedLinks,
  DeleteLink,
  Link,
  Neighbors,
  NeighborsQuery,
  Path,
  PathQuery,
} from './graph.schema.js';
import { type Direction, LinkRepository, type LinkWritten } from './link-repository.js';
import { bestPath, breadthFirst, type ExpandFrontier } from './traversal.js';

/** Most links one traversal reads, whatever the graph. */
const EDGE_BUDGET = 20_000;

/** A link between two coordinates. */
export type LinkBetween = Pick<CreateLink, 'link_type' | 'strength' | 'metadata'> & {
  readonly from_coord: string;
  readonly to_coord: string;
};

export type LinkOutcome = LinkWritten | 'end-missing';

interface NamedEnds {
  readonly from_coord?: string;
  readonly from_id?: string;
  readonly to_coord?: string;
  readonly to_id?: string;
  readonly namespace: string;
}

@Injectable()
export class GraphService {
  constructor(
    private readonly links: LinkRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  link(scope: TenantScope, request: CreateLink, claim?: IdempotencyClaim): Promise<Link> {
    return this.unitOfWork.run(scope, claim, async () => {
      const [fromId, toId] = await this.resolveEnds(scope, request);
      const { link_type: linkType, strength, metadata } = request;
      return this.links.upsert(scope, { fromId, toId, linkType, strength, metadata });
    });
  }

  /** Many in one transaction, in order; one of which an end does not exist stops no other. */
  linkAll(
    scope: TenantScope,
    { namespace, links }: { readonly namespace: string; readonly links: readonly LinkBetween[] },
    options: { readonly onlyNew: boolean },
  ): Promise<LinkOutcome[]> {
    if (links.length === 0) return Promise.resolve([]);
    return this.unitOfWork.run(scope, undefined, async () => {
      const ends = links.flatMap(({ from_coord, to_coord }) => [from_coord, to_coord]);
      const ids = await this.links.resolve(
        scope,
        ends.map((coordinate) => address(namespace, coordinate, undefined)),
      );
      const drafts = links.flatMap(({ link_type: linkType, strength, metadata }, position) => {
        const [fromId, toId] = [ids[position * 2], ids[position * 2 + 1]];
        if (!fromId || !toId) return [];
        return [{ position, fromId, toId, linkType, strength, metadata }];
      });
      const written = await this.links.upsertAll(scope, drafts, options);
      const outcomes = links.map((): LinkOutcome => 'end-missing');
      for (const [at, { position }] of drafts.entries()) {
        outcomes[position] = written[at] ?? 'end-missing';
      }
      return outcomes;
    });
  }

  unlink(scope: TenantScope, request: DeleteLink, claim?: IdempotencyClaim): Promise<DeletedLinks> {
    return this.unitOfWork.run(scope, claim, async () => {
      const [fromId, toId] = await this.resolveEnds(scope, request);
      const deleted = await this.links.remove(scope, fromId, toId, request.link_type);
      if (deleted > 0) return { deleted };
      const type = request.link_type === undefined ? '' : ` of type "${request.link_type}"`;
      throw new SomaError('LINK_NOT_FOUND', `There is no link${type} between these memories.`);
    });
  }

  async neighbors(scope: TenantScope, query: NeighborsQuery): Promise<Neighbors> {
    const [start] = await this.resolve(scope, [address(query.namespace, query.coord, query.id)]);
    if (!start) return { neighbors: [], truncated: false };
    const { reached, truncated } = await breadthFirst(
      start,
      query.direction,
      query.depth,
      query.limit,
      this.expander(scope, query.direction, query.link_type),
    );
    const [memories, links] = await Promise.all([
      this.links.memories(
        scope,
        reached.map((step) => step.id),
      ),
      this.links.links(
        scope,
        reached.map((step) => step.linkId),
      ),
    ]);
    return {
      neighbors: reached.flatMap(({ id, linkId, depth }) => {
        const [memory, link] = [memories.get(id), links.get(linkId)];
        return memory && link ? [{ memory, depth, link }] : [];
      }),
      truncated,
    };
  }

  async path(scope: TenantScope, query: PathQuery): Promise<Path> {
    const [from, to] = await this.resolveEnds(scope, query);
    const { steps, truncated } = await bestPath(
      from,
      to,
      query.weight,
      query.max_length,
      this.expander(scope, 'out', query.link_type),
    );
    if (!steps) {
      return { found: false, length: null, strength: null, memories: [], links: [], truncated };
    }
    const ids = [from, ...steps.map((step) => step.id)];
    const [memories, links] = await Promise.all([
      this.links.memories(scope, ids),
      this.links.links(
        scope,
        steps.map((step) => step.linkId),
      ),
    ]);
    return {
      found: true,
      length: steps.length,
      strength: steps.reduce((product, step) => product * step.strength, 1),
      memories: ids.flatMap((id) => memories.get(id) ?? []),
      links: steps.flatMap((step) => links.get(step.linkId) ?? []),
      truncated,
    };
  }

  private expander(
    scope: TenantScope,
    direction: Direction,
    linkType: string | undefined,
  ): ExpandFrontier {
    let budget = EDGE_BUDGET;
    return async (frontier) => {
      if (budget <= 0) return { edges: [], cut: true };
      const query = { direction, linkType, limit: budget + 1 };
      const edges = await this.links.edges(scope, frontier, query);
      const cut = edges.length > budget;
      budget -= edges.length;
      return { edges, cut };
    };
  }

  private async resolveEnds(scope: TenantScope, ends: NamedEnds): Promise<[MemoryId, MemoryId]> {
    const [from, to] = await this.resolve(scope, [
      address(ends.namespace, ends.from_coord, ends.from_id),
      address(ends.namespace, ends.to_coord, ends.to_id),
    ]);
    if (!from || !to) throw new Error('Two addresses were resolved to fewer ids.');
    return [from, to];
  }

  private async resolve(
    scope: TenantScope,
    addresses: readonly MemoryAddress[],
  ): Promise<MemoryId[]> {
    const ids = await this.links.resolve(scope, addresses);
    return addresses.map((named, position) => {
      const id = ids[position];
      if (id) return id;
      const name = named.kind === 'id' ? named.id : `"${named.coordinate.text}"`;
      throw new SomaError('MEMORY_NOT_FOUND', `There is no memory ${name}; see namespace and id.`);
    });
  }
}

/** The schema makes sure that one of the two is given. */
function address(
  namespace: string,
  coord: string | undefined,
  id: string | undefined,
): MemoryAddress {
  if (id !== undefined) return { kind: 'id', id: memoryId(id.toLowerCase()) };
  return { kind: 'coordinate', namespace, coordinate: parseCoordinate(coord ?? '') };
}
