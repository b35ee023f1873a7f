/** What salience is drawn from; times in milliseconds since 1970. */
export interface SalienceFacts {
  /** Set at write, 0 to 1. */
  readonly importance: number;
  readonly createdAt: number;
  /** Times it was read by coordinate or id. */
  readonly accessCount: number;
  readonly lastAccessedAt: number | undefined;
  readonly pinned: boolean;
  /** Time without use after which half is left, in milliseconds; Infinity for what never fades. */
  readonly halfLifeMs: number;
}

/** How much each doubling of use lengthens the half-life. */
export const REINFORCEMENT = 0.5;

/**
 * Importance now, 0 to 1, in closed form:
 *
 *     salience = importance * 2^(-(now - used) / (halfLife * (1 + REINFORCEMENT * log2(1 + accesses))))
 *
 * where `used` is the last access before `now`, else the creation. What is pinned does not fade.
 * Nothing is stored, so it is the same however often and whenever it is computed: exponential
 * forgetting (Ebbinghaus 1885) whose half-life grows with use (Wickelgren 1974). Of a moment before
 * the last access it knows only that there were accesses, not when: it then counts from creation,
 * without them. Before creation it is 0.
 */
export function salienceAt(facts: SalienceFacts, now: number): number {
  const { importance, createdAt, lastAccessedAt, pinned, halfLifeMs } = facts;
  if (now < createdAt) return 0;
  if (pinned || halfLifeMs === Infinity) return importance;
  const wasUsed = lastAccessedAt !== undefined && lastAccessedAt <= now;
  const used = wasUsed ? Math.max(lastAccessedAt, createdAt) : createdAt;
  const accesses = wasUsed ? facts.accessCount : 0;
  const lasting = halfLifeMs * (1 + REINFORCEMENT * Math.log2(1 + accesses));
  return importance * 2 ** (-(now - used) / lasting);
}

/** The first moment at which salience is below a threshold; Infinity if it never is. */
export function fadesBelowAt(facts: SalienceFacts, threshold: number): number {
  const { importance, createdAt, lastAccessedAt, pinned, halfLifeMs } = facts;
  if (importance < threshold) return createdAt;
  if (threshold <= 0 || pinned || halfLifeMs === Infinity) return Infinity;
  const used = Math.max(lastAccessedAt ?? createdAt, createdAt);
  const accesses = lastAccessedAt === undefined ? 0 : facts.accessCount;
  const lasting = halfLifeMs * (1 + REINFORCEMENT * Math.log2(1 + accesses));
  return used + lasting * Math.log2(importance / threshold);
}
