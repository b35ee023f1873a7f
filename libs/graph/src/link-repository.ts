import type { MemoryId, TenantScope } from '@soma/core';
import type { Memory, MemoryAddress, MemoryPageRequest } from '@soma/memory';
import type { Link } from './graph.schema.js';

export type Direction = 'out' | 'in' | 'both';

/** A link as traversal sees it. */
export interface Edge {
  readonly linkId: string;
  readonly fromId: MemoryId;
  readonly toId: MemoryId;
  readonly strength: number;
}

export interface EdgeQuery {
  readonly direction: Direction;
  readonly linkType?: string;
  /** Strongest first; at most this many. */
  readonly limit: number;
}

export interface LinkDraft {
  readonly fromId: MemoryId;
  readonly toId: MemoryId;
  readonly linkType: string;
  readonly strength: number;
  readonly metadata: Link['metadata'];
}

/** What a draft became: a new link, a change of the one there was, or nothing, since there was one. */
export type LinkWritten = 'made' | 'changed' | 'kept';

export type LinkedMemories = Omit<MemoryPageRequest, 'limit' | 'sort' | 'order' | 'after'>;

export abstract class LinkRepository {
  /** Ids of the memories that exist, in the addresses' order; undefined for one that does not. */
  abstract resolve(
    scope: TenantScope,
    addresses: readonly MemoryAddress[],
  ): Promise<(MemoryId | undefined)[]>;
  /** Makes the link, or changes the one of the same ends and type. */
  abstract upsert(scope: TenantScope, draft: LinkDraft): Promise<Link>;
  /**
   * The same for many, in order; with `onlyNew`, links that are there stay as they are. Of two drafts
   * of the same ends and type the last one counts.
   */
  abstract upsertAll(
    scope: TenantScope,
    drafts: readonly LinkDraft[],
    options: { readonly onlyNew: boolean },
  ): Promise<LinkWritten[]>;
  /**
   * Links whose ends are both among these memories, in the order in which they were made. Looks at
   * `limit` links and gives those that are; `next` is where to go on, undefined at the end.
   */
  abstract among(
    scope: TenantScope,
    memories: LinkedMemories,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<{ links: Link[]; next: string | undefined }>;
  /** @returns how many links there were. */
  abstract remove(
    scope: TenantScope,
    fromId: MemoryId,
    toId: MemoryId,
    linkType: string | undefined,
  ): Promise<number>;
  /** The links at any of these memories whose other end is not expired, in one query. */
  abstract edges(scope: TenantScope, ids: readonly MemoryId[], query: EdgeQuery): Promise<Edge[]>;
  abstract links(scope: TenantScope, ids: readonly string[]): Promise<Map<string, Link>>;
  abstract memories(scope: TenantScope, ids: readonly MemoryId[]): Promise<Map<MemoryId, Memory>>;
}
