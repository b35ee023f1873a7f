import { REINFORCEMENT, type SalienceFacts, salienceAt } from './salience.js';

/** What salience at a moment was made of; times in milliseconds. */
export interface SalienceParts {
  readonly importance: number;
  /** Whether it fades at all: neither what is pinned or held does, nor what has no half-life. */
  readonly fades: boolean;
  /** Since the last use before the moment, else since creation. */
  readonly idleMs: number;
  /** Accesses that count at the moment. */
  readonly accesses: number;
  readonly reinforcement: number;
  /** Null: never. */
  readonly halfLifeMs: number | null;
  /** halfLife * (1 + reinforcement * log2(1 + accesses)); null: for ever. */
  readonly lastingMs: number | null;
  readonly salience: number;
}

/** Salience at a moment, with all that it is computed from. */
export function salienceParts(facts: SalienceFacts, now: number): SalienceParts {
  const { importance, createdAt, lastAccessedAt, pinned, halfLifeMs } = facts;
  const wasUsed = lastAccessedAt !== undefined && lastAccessedAt <= now;
  const used = wasUsed ? Math.max(lastAccessedAt, createdAt) : createdAt;
  const accesses = wasUsed ? facts.accessCount : 0;
  const isFinite = halfLifeMs !== Infinity;
  return {
    importance,
    fades: isFinite && !pinned,
    idleMs: now - used,
    accesses,
    reinforcement: REINFORCEMENT,
    halfLifeMs: isFinite ? halfLifeMs : null,
    lastingMs: isFinite ? halfLifeMs * (1 + REINFORCEMENT * Math.log2(1 + accesses)) : null,
    salience: salienceAt(facts, now),
  };
}

/** The salience again, from its parts alone: what a client can check an answer with. */
export function recomputeSalience({
  importance,
  fades,
  idleMs,
  accesses,
  reinforcement,
  halfLifeMs,
}: Omit<SalienceParts, 'salience' | 'lastingMs'>): number {
  if (idleMs < 0) return 0;
  if (!fades || halfLifeMs === null) return importance;
  return importance * 2 ** (-idleMs / (halfLifeMs * (1 + reinforcement * Math.log2(1 + accesses))));
}
