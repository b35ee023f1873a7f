/** How long a turn lasts unless renewed, and how long nobody takes one after it was finished. */
export interface TurnTerms {
  readonly leaseMs: number;
  readonly restMs: number;
}

/**
 * Whose turn it is to compare, among all processes: one has it at a time, by the database's clock. A
 * turn whose holder has died ends by itself.
 */
export abstract class ReconcileTurns {
  /** @returns whether `holder` has the turn now: nobody held it, and the last one is long enough over. */
  abstract take(holder: string, terms: TurnTerms): Promise<boolean>;
  /** @returns false when the turn is another's by now. */
  abstract renew(holder: string, leaseMs: number): Promise<boolean>;
  /** Gives the turn back, `finished` or for another to take at once. */
  abstract end(holder: string, finished: boolean): Promise<void>;
}
