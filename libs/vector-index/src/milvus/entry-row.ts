import { memoryId, type TenantScope } from '@soma/core';
import type { RowData, SearchResultData } from '@zilliz/milvus2-sdk-node';
import type { IndexEntry, IndexHit } from '../vector-index.js';
import { clampCosine } from '../flat/exact-top-k.js';
import { ABSENT, FIELDS, TAGS_KEY } from './collection-schema.js';

/** What a JSON column of Milvus holds, in bytes. */
const MAX_JSON_BYTES = 65_536;

/**
 * The primary key: the entry's id below its tenant's, so that no insert or removal by key can touch
 * another tenant's row.
 */
export const entryKey = (scope: TenantScope, entryId: string): string =>
  `${scope.tenantId}/${entryId}`;

/** One entry as a row. Tags and metadata too large for their columns are left out, and so said. */
export function entryRow(scope: TenantScope, entry: IndexEntry): RowData {
  const { attributes } = entry;
  const tags = { [TAGS_KEY]: [...attributes.tags] };
  const leftOut = isTooLarge(tags) || isTooLarge(attributes.metadata);
  return {
    [FIELDS.key]: entryKey(scope, entry.entryId),
    [FIELDS.tenantId]: scope.tenantId,
    [FIELDS.namespace]: entry.namespace,
    [FIELDS.memoryId]: entry.memoryId,
    [FIELDS.memoryType]: attributes.memory_type,
    [FIELDS.tier]: attributes.tier,
    [FIELDS.importance]: attributes.importance,
    [FIELDS.trust]: attributes.trust,
    [FIELDS.createdAt]: attributes.created_at,
    [FIELDS.updatedAt]: attributes.updated_at,
    [FIELDS.coordinate]: attributes.coordinate,
    [FIELDS.tags]: leftOut ? {} : tags,
    [FIELDS.hasTags]: attributes.tags.length > 0,
    [FIELDS.sessionId]: attributes.session_id ?? ABSENT.session_id,
    [FIELDS.speaker]: attributes.speaker ?? ABSENT.speaker,
    [FIELDS.occurredAt]: attributes.occurred_at ?? ABSENT.occurred_at,
    [FIELDS.metadata]: leftOut ? {} : { ...attributes.metadata },
    [FIELDS.leftOut]: leftOut,
    [FIELDS.vector]: Array.from(entry.vector),
  };
}

/** One hit for each entry of this tenant, in the order found. */
export function hitsOf(scope: TenantScope, found: readonly SearchResultData[]): IndexHit[] {
  const prefix = entryKey(scope, '');
  const hits = new Map<string, IndexHit>();
  for (const row of found) {
    const key = String(row[FIELDS.key]);
    if (!key.startsWith(prefix) || hits.has(key)) continue;
    hits.set(key, {
      entryId: key.slice(prefix.length),
      memoryId: memoryId(String(row[FIELDS.memoryId])),
      score: clampCosine(row.score),
    });
  }
  return [...hits.values()];
}

/** The ids of this tenant's rows, once each, in ascending order. */
export function entryIdsOf(
  scope: TenantScope,
  found: readonly Readonly<Record<string, unknown>>[],
): string[] {
  const prefix = entryKey(scope, '');
  const keys = new Set(found.map((row) => String(row[FIELDS.key])));
  return [...keys]
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length))
    .toSorted();
}

const isTooLarge = (json: object): boolean =>
  Buffer.byteLength(JSON.stringify(json), 'utf8') > MAX_JSON_BYTES;
