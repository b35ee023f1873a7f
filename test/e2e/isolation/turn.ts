import type { Party } from './party.js';
import type { SeededRandom } from './seeded-random.js';
import type { Session } from './session.js';

/** A party's turn to use what is its own. */
export interface Turn {
  readonly session: Session;
  readonly party: Party;
  readonly random: SeededRandom;
}

export type OwnRequest = (turn: Turn) => Promise<void>;
