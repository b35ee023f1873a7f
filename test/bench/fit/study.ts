import type { Score } from '../retrieval/metrics.ts';
import { ablationsOf } from './ablations.ts';
import { calibrationError, fitCalibration, labelledSums } from './calibration.ts';
import type { Calibration } from './calibration.ts';
import type { InForce } from './explained-answer.ts';
import { fitWeights } from './fit-weights.ts';
import { varying, weighted } from './labelled-query.ts';
import type { LabelledQuery, Weights } from './labelled-query.ts';
import { scoresBy } from './scoring.ts';

export interface StudyOptions {
  /** What each set counts, by name. */
  readonly setWeights: ReadonlyMap<string, number>;
  /** Features whose weights stay as they are in force. */
  readonly hold: readonly string[];
  readonly l2: number;
  /** Called after each fit. */
  readonly fitted?: () => void;
}

export interface Calibrated {
  readonly calibration: Calibration;
  /** Expected calibration error over all candidates, and over the first ten of each query. */
  readonly error: number;
  readonly error_first_ten: number;
}

export interface LeftOut {
  readonly by_set: Record<string, Score>;
  readonly by_namespace: Record<string, Score>;
}

export interface AblationRow {
  readonly name: string;
  readonly by_set: Record<string, Score>;
}

/** Fits on labelled queries, and what the fits are worth. Every fit follows the same procedure. */
export class Study {
  readonly #queries: readonly LabelledQuery[];
  readonly #inForce: InForce;
  readonly #options: StudyOptions;
  /** Features on which no two candidates of a query differ: the data cannot say what they weigh. */
  readonly untold: readonly string[];

  constructor(queries: readonly LabelledQuery[], inForce: InForce, options: StudyOptions) {
    const unknown = options.hold.filter((name) => !inForce.features.includes(name));
    if (unknown.length > 0) {
      throw new Error(
        `--hold names ${unknown.join(', ')}; the features are ${inForce.features.join(', ')}`,
      );
    }
    this.#queries = queries;
    this.#inForce = inForce;
    this.#options = options;
    const varies = varying(queries, inForce.features.length);
    this.untold = inForce.features.filter((_, f) => !varies[f]);
  }

  get namespaces(): string[] {
    return [...new Set(this.#queries.map(namespaceOf))];
  }

  get weightsInForce(): Weights {
    return Float64Array.from(this.#inForce.weights);
  }

  /** Weights by position; those held, and those the data tells nothing of, are as in force. */
  fit(): Weights {
    return this.#fit(this.#queries);
  }

  scores(weights: Weights): Record<string, Score> {
    return scoresBy(this.#queries, () => weights, setOf);
  }

  /** By namespace, under its set's name too: two sets may have one of the same name. */
  scoresByNamespace(weights: Weights): Record<string, Score> {
    return scoresBy(this.#queries, () => weights, namespaceOf);
  }

  /**
   * Every namespace ranked by weights fitted on the others alone. The second pass of its features
   * still read hits found by the weights in force, which may know the namespace.
   */
  leaveOneOut(): LeftOut {
    const fits = new Map(
      this.namespaces.map((left) => [
        left,
        this.#fit(this.#queries.filter((query) => namespaceOf(query) !== left)),
      ]),
    );
    const weightsOf = (query: LabelledQuery): Weights =>
      fits.get(namespaceOf(query)) ?? this.weightsInForce;
    return {
      by_set: scoresBy(this.#queries, weightsOf, setOf),
      by_namespace: scoresBy(this.#queries, weightsOf, namespaceOf),
    };
  }

  /** What takes part in an ablation: all but what no data tells of. */
  get ablations(): ReturnType<typeof ablationsOf> {
    return ablationsOf(this.#inForce.features.filter((name) => !this.untold.includes(name)));
  }

  /** Scores after a refit without each feature and each group. */
  ablate(): AblationRow[] {
    return this.ablations.map(({ name, off }) => ({
      name,
      by_set: this.scores(this.#fit(this.#queries, off)),
    }));
  }

  /** A calibration for these weights, or what the one given is worth with them. */
  calibrate(weights: Weights, given?: Calibration | null): Calibrated {
    const training = weighted(this.#queries, this.#options.setWeights);
    const all = labelledSums(training, weights);
    const calibration = given ?? fitCalibration(all);
    return {
      calibration,
      error: calibrationError(all, calibration),
      error_first_ten: calibrationError(labelledSums(training, weights, 10), calibration),
    };
  }

  #fit(queries: readonly LabelledQuery[], off: readonly string[] = []): Weights {
    const { features, weights } = this.#inForce;
    const { hold, l2, setWeights, fitted } = this.#options;
    const fixed = features.map((name, f) => {
      if (off.includes(name)) return 0;
      return hold.includes(name) || this.untold.includes(name) ? weights[f] : undefined;
    });
    const found = fitWeights(weighted(queries, setWeights), fixed, l2);
    fitted?.();
    return found;
  }
}

function setOf({ set }: LabelledQuery): string {
  return set;
}

function namespaceOf({ set, namespace }: LabelledQuery): string {
  return `${set} ${namespace}`;
}
