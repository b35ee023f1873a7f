import {
  type DueNamespace,
  HierarchyStore,
  type Layer,
  type LayerChange,
  type LayerItem,
  type LayerOutcome,
  type Mark,
  type Place,
  type SourceText,
} from './hierarchy-store.js';
import { isBefore } from './span.js';
import { tenantId, TenantScope } from '@soma/core';

interface StoredMark extends Mark {
  readonly level: number;
}

interface StandingNode {
  readonly sources: readonly string[];
  readonly vector: Float32Array;
}

const SCOPE = TenantScope.of(tenantId('019aa5a0-0000-7000-8000-000000000001'));
const notHere = (): never => {
  throw new Error('This store of a test keeps one namespace, and no memories.');
};
const isItem = (at: Place | LayerItem): at is LayerItem => 'place' in at;

/** In the order of a layer. */
function compare(a: LayerItem, b: LayerItem): number {
  if (isBefore(a.place, b.place)) return -1;
  if (isBefore(b.place, a.place)) return 1;
  return a.first < b.first ? -1 : a.first > b.first ? 1 : 0;
}

/** One namespace's hierarchy, with the rules that the database keeps. */
export class InMemoryHierarchy extends HierarchyStore {
  readonly standing = new Map<string, StandingNode>();
  /** Those that are due, and who has the turn of each. */
  namespaces = ['default'];
  readonly held = new Map<string, string>();
  private readonly layers = new Map<number, Map<string, LayerItem>>();
  private waitingMarks: StoredMark[] = [];
  private numbered = 0;

  /** Stores, changes or moves an episode. */
  put(item: LayerItem): void {
    const before = this.layer(0).get(item.id);
    if (before) this.mark(0, before.place);
    this.layer(0).set(item.id, item);
    this.mark(0, item.place);
  }

  /** Deletes an episode, and all that stands on it. */
  delete(id: string): void {
    const item = this.layer(0).get(id);
    if (!item) return;
    this.removeAbove([id]);
    this.takeDown(id, 0);
    this.layer(0).delete(id);
    this.mark(0, item.place);
  }

  episodes(): LayerItem[] {
    return [...this.layer(0).values()];
  }

  vectorOf(item: LayerItem): Float32Array {
    return this.standing.get(item.id)?.vector ?? item.vector;
  }

  firstMark(): Promise<{ level: number; mark: Mark } | undefined> {
    const [first] = this.sortedMarks();
    return Promise.resolve(first && { level: first.level, mark: first });
  }

  marks(_scope: TenantScope, { level }: Layer, from: Place, limit: number): Promise<Mark[]> {
    const found = this.sortedMarks().filter(
      (mark) => mark.level === level && !isBefore(mark.place, from),
    );
    return Promise.resolve(found.slice(0, limit));
  }

  before(
    _scope: TenantScope,
    { level }: Layer,
    at: Place | LayerItem,
    limit: number,
  ): Promise<LayerItem[]> {
    const session = isItem(at) ? at.place.session : at.session;
    const found = this.sorted(level).filter(
      (item) =>
        item.place.session === session &&
        (isItem(at) ? compare(item, at) < 0 : isBefore(item.place, at)),
    );
    return Promise.resolve(found.reverse().slice(0, limit));
  }

  onward(
    _scope: TenantScope,
    { level }: Layer,
    at: Place | LayerItem,
    limit: number,
  ): Promise<LayerItem[]> {
    const found = this.sorted(level).filter((item) =>
      isItem(at) ? compare(item, at) > 0 : !isBefore(item.place, at),
    );
    return Promise.resolve(found.slice(0, limit));
  }

  isSingle(_scope: TenantScope, { level }: Layer): Promise<boolean> {
    return Promise.resolve(this.layer(level).size < 2);
  }

  vectors(_scope: TenantScope, ids: readonly string[]): Promise<Map<string, Float32Array>> {
    const known = ids.flatMap((id) => {
      const vector = this.standing.get(id)?.vector ?? this.layer(0).get(id)?.vector;
      return vector ? [[id, vector] as const] : [];
    });
    return Promise.resolve(new Map(known));
  }

  existing(_scope: TenantScope, ids: readonly string[]): Promise<Set<string>> {
    return Promise.resolve(new Set(ids.filter((id) => this.standing.has(id))));
  }

  texts(_scope: TenantScope, ids: readonly string[]): Promise<Map<string, SourceText>> {
    const text = (id: string): SourceText => ({
      id,
      content: `Something of ${id.slice(0, 8)} was said.`,
      speaker: null,
      importance: 0.5,
      trust: 1,
    });
    return Promise.resolve(new Map(ids.map((id) => [id, text(id)])));
  }

  apply(_scope: TenantScope, change: LayerChange): Promise<LayerOutcome> {
    const { level, items, made, kept, alone, marks } = change;
    const keeps = new Set(kept);
    const ids = new Set(items.map(({ id }) => id));
    const above = this.layer(level + 1);
    const stale = [...this.standing].filter(
      ([id, { sources }]) =>
        above.has(id) && !ids.has(id) && !keeps.has(id) && sources.some((one) => ids.has(one)),
    );
    const single = new Set(alone.map(({ id }) => id));
    const wrong = items.filter(({ id }) => above.has(id) && !single.has(id));
    const before = this.standing.size;
    for (const [id] of stale) this.removeNode(id);
    this.removeAbove(
      wrong.map(({ id }) => id),
      level + 1,
    );
    for (const { id } of wrong) this.takeDown(id, level);
    const removed = before - this.standing.size;
    for (const { node, draft } of made) {
      const place = { session: null, at: node.startsAt, arrived: node.arrivedAt };
      this.standing.set(node.id, {
        sources: node.sources.map(({ id }) => id),
        vector: draft.embedding.vector,
      });
      this.raise(level + 1, { ...node, place });
    }
    for (const item of alone) {
      this.raise(level + 1, {
        ...item,
        session: undefined,
        place: { ...item.place, session: null },
      });
    }
    this.waitingMarks = this.waitingMarks.filter(({ id }) => !marks.includes(id));
    return Promise.resolve({ state: 'applied', made: made.length, removed });
  }

  due(): Promise<DueNamespace[]> {
    return Promise.resolve(this.namespaces.map((namespace) => ({ scope: SCOPE, namespace })));
  }

  take(_scope: TenantScope, namespace: string, holder: string): Promise<boolean> {
    const has = this.held.get(namespace) ?? holder;
    if (has === holder) this.held.set(namespace, holder);
    return Promise.resolve(has === holder);
  }

  release(_scope: TenantScope, namespace: string): Promise<void> {
    this.held.delete(namespace);
    return Promise.resolve();
  }

  marked = notHere;
  waiting = notHere;
  store = notHere;
  roots = notHere;
  steps = notHere;
  recent = notHere;
  items = notHere;
  nodes = notHere;

  private raise(level: number, item: LayerItem): void {
    const there = this.layer(level).get(item.id);
    if (there?.version === item.version && there.startsAt === item.startsAt) return;
    if (there) this.mark(level, there.place);
    this.layer(level).set(item.id, item);
    this.mark(level, item.place);
  }

  /** Nodes on these, those on them, and so on; directly on them above a tier only. */
  private removeAbove(ids: readonly string[], tier = 0): void {
    for (const [id, { sources }] of this.standing) {
      const isHigher = [...this.layers].some(([level, items]) => level > tier && items.has(id));
      if (isHigher && sources.some((source) => ids.includes(source))) this.removeNode(id);
    }
  }

  private removeNode(id: string): void {
    if (!this.standing.delete(id)) return;
    this.removeAbove([id]);
    this.takeDown(id, 0);
  }

  private takeDown(id: string, above: number): void {
    for (const [level, items] of this.layers) {
      const item = items.get(id);
      if (level <= above || !item) continue;
      items.delete(id);
      this.mark(level, item.place);
    }
  }

  private mark(level: number, place: Place): void {
    this.numbered += 1;
    this.waitingMarks.push({ id: String(this.numbered), level, place });
  }

  private sortedMarks(): StoredMark[] {
    return [...this.waitingMarks].sort((a, b) => {
      if (a.level !== b.level) return a.level - b.level;
      return isBefore(a.place, b.place) ? -1 : isBefore(b.place, a.place) ? 1 : 0;
    });
  }

  private sorted(level: number): LayerItem[] {
    return [...this.layer(level).values()].sort(compare);
  }

  private layer(level: number): Map<string, LayerItem> {
    const layer = this.layers.get(level) ?? new Map<string, LayerItem>();
    this.layers.set(level, layer);
    return layer;
  }
}
