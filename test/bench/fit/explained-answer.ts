import type { Calibration } from './calibration.ts';
import type { LabelledQuery } from './labelled-query.ts';

/** What is read of a result of a search with `explain: true`. */
export interface ExplainedMemory {
  metadata: Record<string, unknown>;
  explanation?: {
    contributions: { feature: string; value: number; weight: number }[];
    sum: number;
    calibration: Calibration | null;
  };
}

/** How the service makes up its scores now. */
export interface InForce {
  readonly features: readonly string[];
  readonly weights: readonly number[];
  readonly calibration: Calibration | null;
}

/** An explanation adds up its contributions in the order given, so only rounding may differ. */
const TOLERANCE = 1e-9;

/**
 * Turns explained answers into labelled queries. The features are those of the first explanation;
 * throws when a later one has others or weighs them otherwise, or when a sum does not add up.
 */
export class ExplainedAnswers {
  #inForce: InForce | undefined;

  /** Throws when no answer had a result. */
  get inForce(): InForce {
    if (this.#inForce === undefined) throw new Error('no search found anything');
    return this.#inForce;
  }

  read(
    memories: readonly ExplainedMemory[],
    of: { set: string; namespace: string; gold: readonly string[] },
  ): LabelledQuery {
    const gold = new Set(of.gold);
    const rows = memories.map((memory) => this.#valuesOf(memory));
    const values = new Float32Array(rows.length * (this.#inForce?.features.length ?? 0));
    for (const [i, row] of rows.entries()) {
      for (const [f, value] of row.entries()) values[f * rows.length + i] = value;
    }
    return {
      set: of.set,
      namespace: of.namespace,
      candidates: rows.length,
      values,
      evidence: [...memories.keys()].filter((i) => gold.has(String(memories[i]?.metadata.doc_id))),
      wanted: gold.size,
    };
  }

  #valuesOf({ explanation }: ExplainedMemory): number[] {
    if (explanation === undefined) throw new Error('a result comes without an explanation');
    const { contributions, sum, calibration } = explanation;
    this.#inForce ??= {
      features: contributions.map(({ feature }) => feature),
      weights: contributions.map(({ weight }) => weight),
      calibration,
    };
    const { features, weights } = this.#inForce;
    const same = contributions.every(
      ({ feature, weight }, f) => feature === features[f] && weight === weights[f],
    );
    if (!same || contributions.length !== features.length) {
      throw new Error('two explanations differ in their features or weights');
    }
    const again = contributions.reduce((total, { value, weight }) => total + value * weight, 0);
    if (!(Math.abs(again - sum) <= TOLERANCE)) {
      throw new Error(`an explanation adds up to ${again}, and says ${sum}`);
    }
    return contributions.map(({ value }) => value);
  }
}
