import type { Memory, ScoredMemory } from '../memory.js';
import type { Detail } from './details.js';
import type { Column } from './table.js';

export const decimals = (value: number, digits: number): string =>
  Number.isFinite(value) ? value.toFixed(digits) : '';

export const COORDINATE: Column<Memory> = {
  title: 'COORDINATE',
  value: (memory) => memory.coordinate,
};
export const TYPE: Column<Memory> = { title: 'TYPE', value: (memory) => memory.memory_type };
export const CONTENT: Column<Memory> = { title: 'CONTENT', value: (memory) => memory.content };

export const MEMORY_COLUMNS: readonly Column<Memory>[] = [
  COORDINATE,
  TYPE,
  { title: 'IMPORTANCE', value: (memory) => memory.importance, align: 'right' },
  { title: 'CREATED', value: (memory) => memory.created_at },
  CONTENT,
];

export const VERSION_COLUMNS: readonly Column<Memory>[] = [
  { title: 'VERSION', value: (memory) => memory.version, align: 'right' },
  { title: 'WRITTEN', value: (memory) => memory.updated_at },
  TYPE,
  { title: 'IMPORTANCE', value: (memory) => memory.importance, align: 'right' },
  CONTENT,
];

export const SCORED_COLUMNS: readonly Column<ScoredMemory>[] = [
  { title: 'SCORE', value: (memory) => decimals(memory.score, 4), align: 'right' },
  COORDINATE,
  TYPE,
  CONTENT,
];

const PENDING = 'pending: no embedder answered; words find it, and its vector is made later';

/** Everything of one memory, the long texts last. */
export function memoryDetails(memory: Memory): readonly Detail[] {
  return [
    ['coordinate', memory.coordinate],
    ['id', memory.id],
    ['namespace', memory.namespace],
    ['type', memory.memory_type],
    ['tier', memory.tier],
    ['version', memory.version],
    ['embedding', memory.embedding === 'pending' ? PENDING : undefined],
    ['importance', memory.importance],
    ['pinned', memory.pinned || undefined],
    ['dedup', memory.dedup === 'never' ? memory.dedup : undefined],
    ['tags', memory.tags.length > 0 ? memory.tags.join(', ') : undefined],
    ['session', memory.session_id],
    ['speaker', memory.speaker],
    ['occurred', memory.occurred_at],
    ['expires', memory.expires_at],
    ['slot', memory.slot],
    ['valid from', memory.valid_from],
    ['valid to', memory.valid_to],
    ['superseded by', memory.superseded_by],
    ['created', memory.created_at],
    ['updated', memory.updated_at],
    ['accesses', memory.access_count],
    ['last access', memory.last_accessed_at],
    ['prediction', memory.prediction],
    ['metadata', jsonDetail(memory.metadata)],
    ['payload', jsonDetail(memory.payload)],
    ['content', memory.content],
  ];
}

function jsonDetail(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  const isEmpty = typeof value === 'object' && Object.keys(value).length === 0;
  return isEmpty ? undefined : JSON.stringify(value, null, 2);
}
