import type { TenantScope } from '@soma/core';
import type { Memory } from '@soma/memory';

/** What was to be expected of a memory's use, before it was known what happened. */
export interface Prediction {
  readonly expected: string;
  readonly model: string;
}

/** Says what a memory makes one expect, before it learns what happened. */
export abstract class Predictor {
  /** Whether there is one that could be asked. */
  abstract readonly isConfigured: boolean;
  /**
   * @param query what the memory was recalled for, if that is known.
   * @returns undefined when the memory makes one expect nothing.
   * @throws SomaError DEPENDENCY_UNAVAILABLE
   */
  abstract predict(
    scope: TenantScope,
    memory: Memory,
    query: string | undefined,
  ): Promise<Prediction | undefined>;
  /**
   * Whether what happened is what was expected, however either says it.
   * @throws SomaError DEPENDENCY_UNAVAILABLE
   */
  abstract agrees(scope: TenantScope, expected: string, outcome: string): Promise<boolean>;
}

/** Where none is configured. */
export class NoPredictor extends Predictor {
  readonly isConfigured = false;

  predict(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  agrees(): Promise<boolean> {
    return Promise.resolve(false);
  }
}
