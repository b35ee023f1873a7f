import type { Coordinate, MemoryId, PageEnd, TenantScope } from '@soma/core';
import type { HierarchyItem, TreeNode } from '@soma/hierarchy';
import type { Memory, MemoryEmbedding } from '@soma/memory';

/** Where an item stands among those of its level; times in milliseconds since 1970. */
export interface Place {
  /** Null for none, which comes last; always null above the episodes. */
  readonly session: string | null;
  readonly at: number;
  readonly arrived: number;
}

/** One level of a namespace: 0 holds its episodes, each other what the one below was grouped to. */
export interface Layer {
  readonly namespace: string;
  readonly level: number;
}

/** An item of a layer, without its vector until that is read. */
export interface LayerItem extends HierarchyItem {
  readonly place: Place;
}

/** A place whose surroundings are to be grouped anew. */
export interface Mark {
  readonly id: string;
  readonly place: Place;
}

/** What a digest is made from. */
export interface SourceText {
  readonly id: string;
  readonly content: string;
  readonly speaker: string | null;
  readonly importance: number;
  readonly trust: number;
}

/** What says how a digest was made. */
export interface DigestRecord {
  readonly method: 'extractive' | 'chat';
  readonly model?: string;
  readonly prompt?: string;
  /** Why it is extractive though a model is configured. */
  readonly fallback?: string;
}

/** A node to be written. */
export interface NodeDraft {
  readonly id: MemoryId;
  readonly tier: number;
  readonly content: string;
  readonly payload: Memory['payload'];
  readonly importance: number;
  /** The least of its sources'. */
  readonly trust: number;
  readonly startsAt: number;
  readonly coordinate: Coordinate;
  readonly embedding: MemoryEmbedding;
  readonly sources: readonly {
    readonly id: string;
    readonly version: number;
    /** Its share of the node's episodes. */
    readonly weight: number;
  }[];
}

/** What grouping a span of a layer comes to. */
export interface LayerChange extends Layer {
  readonly holder: string;
  /** The whole span: every node over one of these that is in neither list goes. */
  readonly items: readonly LayerItem[];
  readonly made: readonly { readonly node: TreeNode; readonly draft: NodeDraft }[];
  /** Nodes that are there already. */
  readonly kept: readonly string[];
  /** Items that go up as they are. */
  readonly alone: readonly LayerItem[];
  /** Dealt with by this. */
  readonly marks: readonly string[];
}

export interface LayerOutcome {
  /** `outdated`: a memory changed meanwhile, and nothing was written; `lost`: so was the turn. */
  readonly state: 'applied' | 'outdated' | 'lost';
  readonly made: number;
  readonly removed: number;
}

export interface DueNamespace {
  readonly scope: TenantScope;
  readonly namespace: string;
}

/** A node with what the tree shows of it. */
export interface StoredNode {
  readonly memory: Memory;
  readonly endsAt: Date;
  readonly leaves: number;
}

/** One step between a memory and what it was drawn from, or what was drawn from it. */
export interface SourceStep {
  readonly nodeId: string;
  readonly sourceId: string;
  readonly sourceVersion: number;
  readonly weight: number;
  readonly depth: number;
}

export interface TreePage {
  readonly namespace: string;
  /** Nodes that end after this and start before that. */
  readonly from?: Date;
  readonly to?: Date;
  readonly limit: number;
  readonly after?: PageEnd;
}

/** The hierarchy in Postgres: what is marked, what is grouped, and its nodes. */
export abstract class HierarchyStore {
  /** Namespaces with as many marks, or one as old; of all tenants, those waiting longest first. */
  abstract due(marks: number, ageMs: number, limit: number): Promise<DueNamespace[]>;
  /** Namespaces of the tenant that have marks. */
  abstract marked(scope: TenantScope): Promise<string[]>;
  /** Marks of a namespace, and how many of them were made since. */
  abstract waiting(
    scope: TenantScope,
    namespace: string,
    since?: Date,
  ): Promise<{ all: number; since: number }>;
  /** Takes the turn, or renews it. @returns false while another holds it. */
  abstract take(scope: TenantScope, namespace: string, holder: string): Promise<boolean>;
  abstract release(scope: TenantScope, namespace: string, holder: string): Promise<void>;

  /** The first mark made since, of the lowest level that has one. */
  abstract firstMark(
    scope: TenantScope,
    namespace: string,
    since?: Date,
  ): Promise<{ level: number; mark: Mark } | undefined>;
  /** Marks of a layer from a place on, in order. */
  abstract marks(scope: TenantScope, layer: Layer, from: Place, limit: number): Promise<Mark[]>;
  /** Items of the place's session before it, the nearest first. */
  abstract before(
    scope: TenantScope,
    layer: Layer,
    at: Place | LayerItem,
    limit: number,
  ): Promise<LayerItem[]>;
  /** Items from a place on, or after an item, in order. */
  abstract onward(
    scope: TenantScope,
    layer: Layer,
    at: Place | LayerItem,
    limit: number,
  ): Promise<LayerItem[]>;
  /** Whether a layer has no second item. */
  abstract isSingle(scope: TenantScope, layer: Layer): Promise<boolean>;
  /** Vectors of the active model; a memory without one is not there. */
  abstract vectors(scope: TenantScope, ids: readonly string[]): Promise<Map<string, Float32Array>>;
  /** Those of the ids that are memories. */
  abstract existing(scope: TenantScope, ids: readonly string[]): Promise<Set<string>>;
  abstract texts(scope: TenantScope, ids: readonly string[]): Promise<Map<string, SourceText>>;
  /** Writes a change, all of it or nothing, and marks what changed a level higher. */
  abstract apply(scope: TenantScope, change: LayerChange): Promise<LayerOutcome>;
  /** Writes a node that is not of the tree. @throws SomaError MEMORY_NOT_FOUND if a source is gone. */
  abstract store(scope: TenantScope, namespace: string, draft: NodeDraft): Promise<Memory>;

  /** Nodes that no other stands on, in time. */
  abstract roots(scope: TenantScope, page: TreePage): Promise<StoredNode[]>;
  abstract nodes(scope: TenantScope, ids: readonly string[]): Promise<StoredNode[]>;
  /** Steps down to the sources of memories, or up to what was drawn from them, in order. */
  abstract steps(
    scope: TenantScope,
    ids: readonly string[],
    direction: 'up' | 'down',
    depth: number,
    limit: number,
  ): Promise<SourceStep[]>;
  /** The newest, or the most important, episodes of a namespace. */
  abstract recent(
    scope: TenantScope,
    namespace: string,
    by: 'recent' | 'important',
    limit: number,
  ): Promise<LayerItem[]>;
  /** Memories as items to be grouped, those that exist; in no order. */
  abstract items(scope: TenantScope, ids: readonly string[]): Promise<LayerItem[]>;
}
