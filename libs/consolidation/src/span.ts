import type { TenantScope } from '@soma/core';
import { beginsRun, groupingOf } from '@soma/hierarchy';
import type { HierarchyStore, Layer, LayerItem, Mark, Place } from './hierarchy-store.js';

/** Whole runs of a layer in order, and the marks that grouping them deals with. */
export interface Span {
  readonly layer: Layer;
  readonly items: readonly LayerItem[];
  readonly marks: readonly string[];
}

export interface SpanLimits {
  /** Items and marks read at once. */
  readonly page: number;
  readonly marks: number;
  /** A span takes in no further mark above this; its last runs may make it longer. */
  readonly items: number;
}

/** Each step as much as is done well at once. */
export const SPAN_LIMITS: SpanLimits = { page: 256, marks: 2_048, items: 1_024 };
/** So little that no request waits long for a step; a dozen groups or two. */
export const SMALL_SPAN_LIMITS: SpanLimits = { page: 128, marks: 256, items: 128 };

export interface SpanOptions {
  readonly since?: Date;
  readonly limits?: SpanLimits;
}

/**
 * What has to be grouped anew for the first mark, and for those that follow closely: from the run
 * before a mark to the end of the run after it. A change in between moves no boundary outside.
 * Marks made before `since` begin no span.
 */
export async function readSpan(
  store: HierarchyStore,
  scope: TenantScope,
  namespace: string,
  { since, limits = SPAN_LIMITS }: SpanOptions = {},
): Promise<Span | undefined> {
  const first = await store.firstMark(scope, namespace, since);
  if (!first) return undefined;
  const layer = { namespace, level: first.level };
  const read = { store, scope, layer, limits };
  const { place } = first.mark;
  const marks = await store.marks(scope, layer, place, limits.marks);
  const items = await runBefore(read, place);
  const taken = await readOnward(read, place, { items, marks });
  return { layer, items, marks: [first.mark, ...taken].map(({ id }) => id) };
}

interface Reading {
  readonly store: HierarchyStore;
  readonly scope: TenantScope;
  readonly layer: Layer;
  readonly limits: SpanLimits;
}

/** The items before a place that are of one run with the nearest. */
async function runBefore(
  { store, scope, layer, limits }: Reading,
  place: Place,
): Promise<LayerItem[]> {
  const options = groupingOf(layer.level);
  const run: LayerItem[] = [];
  for (;;) {
    const page = await store.before(scope, layer, run[0] ?? place, limits.page);
    for (const item of page) {
      if (run[0] && beginsRun(item, run[0], options)) return run;
      run.unshift(item);
    }
    if (page.length < limits.page) return run;
  }
}

/** Adds items up to the end of the run after the last mark taken. @returns the marks taken. */
async function readOnward(
  reading: Reading,
  place: Place,
  { items, marks }: { readonly items: LayerItem[]; readonly marks: readonly Mark[] },
): Promise<Mark[]> {
  const options = groupingOf(reading.layer.level);
  const taken: Mark[] = [];
  let last = place;
  const isPassed = (): boolean => isBefore(last, items.at(-1)?.place);
  for await (const item of itemsFrom(reading, place)) {
    const previous = items.at(-1);
    if (previous && beginsRun(previous, item, options)) {
      for (let next = marks[taken.length]; next; next = marks[taken.length]) {
        const isNear = items.length < reading.limits.items && !isBefore(item.place, next.place);
        if (!isNear && !(isPassed() && isBefore(next.place, previous.place))) break;
        taken.push(next);
        last = next.place;
      }
      if (isPassed()) return taken;
    }
    items.push(item);
  }
  return [...marks];
}

async function* itemsFrom({ store, scope, layer, limits }: Reading, place: Place) {
  let at: Place | LayerItem = place;
  for (;;) {
    const page: LayerItem[] = await store.onward(scope, layer, at, limits.page);
    yield* page;
    const end = page.at(-1);
    if (!end || page.length < limits.page) return;
    at = end;
  }
}

/** In the order of a layer; nothing is before what is not there. */
export function isBefore(a: Place, b: Place | undefined): boolean {
  if (!b) return false;
  if (a.session !== b.session) {
    if (a.session === null || b.session === null) return b.session === null;
    return BigInt(a.session) < BigInt(b.session);
  }
  return a.at < b.at || (a.at === b.at && a.arrived < b.arrived);
}
