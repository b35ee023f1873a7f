/** What one use of a memory was worth. */
export interface Reinforcement {
  /** -1, misleading, to 1, just right; 0 says nothing. */
  readonly reward: number;
  /** How far one full reward goes, above 0 to 1. */
  readonly learningRate: number;
}

/**
 * Importance after one outcome: the delta rule of Rescorla and Wagner (1972),
 *
 *     importance' = importance + learningRate * |reward| * (limit - importance)
 *
 * with the limit 1 for a reward and 0 for a punishment. It stays in [0, 1], never moves away from the
 * limit, and moves less the nearer it is.
 */
export function reinforced(importance: number, { reward, learningRate }: Reinforcement): number {
  const limit = reward > 0 ? 1 : 0;
  const moved = importance + learningRate * Math.abs(reward) * (limit - importance);
  return Math.min(1, Math.max(0, moved));
}

/** Importance after all outcomes, in their order. */
export function replayed(importance: number, outcomes: readonly Reinforcement[]): number {
  return outcomes.reduce(reinforced, importance);
}
