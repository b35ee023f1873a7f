import { Injectable } from '@nestjs/common';
import { SomaError, type TenantScope } from '@soma/core';
import type { Memory } from '@soma/memory';
import { Metrics } from '@soma/observability';
import { saysTheSame } from './correction.js';
import { SalienceSettings } from './decay-policy-store.js';
import type { ExpectedFrom, FeedbackPrediction, GiveFeedback } from './feedback.schema.js';
import { Predictor } from './predictor.js';

export interface Judged {
  /** Null unless a model was asked for it. */
  readonly prediction: FeedbackPrediction | null;
  /** What was expected, and who said so. */
  readonly expected: { readonly text: string; readonly from: ExpectedFrom } | undefined;
  readonly predictedBy: string | undefined;
  /** Null when that is not known. */
  readonly correct: boolean | null;
}

const NO_PREDICTION = { expected: null, model: null } as const;

/** What feedback learns by: how far a reward goes, and what was expected when nobody says it. */
@Injectable()
export class Learning {
  constructor(
    private readonly settings: SalienceSettings,
    private readonly predictor: Predictor,
    private readonly metrics: Metrics,
  ) {}

  get rate(): number {
    return this.settings.learningRate;
  }

  /**
   * What was expected, and whether it happened: by the feedback, else by the memory's own prediction,
   * else by a model's if that is asked for. Never fails for the want of a provider.
   * @throws SomaError VALIDATION_FAILED for an outcome alone of which nobody said what was expected.
   */
  async judged(scope: TenantScope, memory: Memory, feedback: GiveFeedback): Promise<Judged> {
    const { predict, query, outcome } = feedback;
    const said = outcome === undefined ? undefined : saidOf(memory, feedback);
    const prediction = predict && !said ? await this.predicted(scope, memory, query) : null;
    if (prediction) this.metrics.predictions.inc({ result: prediction.state });
    const expected = said ?? expectedBy(prediction);
    if (!expected && !predict && feedback.reward === undefined) throw nothingExpected();
    const judged = { prediction, expected, predictedBy: prediction?.model ?? undefined };
    if (!expected || outcome === undefined) return { ...judged, correct: null };
    if (saysTheSame(expected.text, outcome)) return { ...judged, correct: true };
    const asks = predict && this.predictor.isConfigured;
    return { ...judged, correct: asks ? await this.agrees(scope, expected.text, outcome) : false };
  }

  /** Null when the model does not say. */
  private async agrees(
    scope: TenantScope,
    expected: string,
    outcome: string,
  ): Promise<boolean | null> {
    try {
      return await this.predictor.agrees(scope, expected, outcome);
    } catch (error) {
      if (!(error instanceof SomaError)) throw error;
      return null;
    }
  }

  private async predicted(
    scope: TenantScope,
    memory: Memory,
    query: string | undefined,
  ): Promise<FeedbackPrediction> {
    if (!this.predictor.isConfigured) return { state: 'not-configured', ...NO_PREDICTION };
    try {
      const made = await this.predictor.predict(scope, memory, query);
      return made ? { state: 'made', ...made } : { state: 'nothing', ...NO_PREDICTION };
    } catch (error) {
      if (!(error instanceof SomaError)) throw error;
      return { state: 'unavailable', ...NO_PREDICTION };
    }
  }
}

/** What who gave feedback, else who wrote the memory, expected. */
function saidOf(memory: Memory, { expected }: GiveFeedback): Judged['expected'] {
  if (expected !== undefined) return { text: expected, from: 'feedback' };
  return memory.prediction === null ? undefined : { text: memory.prediction, from: 'memory' };
}

function expectedBy(prediction: FeedbackPrediction | null): Judged['expected'] {
  const text = prediction?.expected ?? undefined;
  return text === undefined ? undefined : { text, from: 'model' };
}

const nothingExpected = (): SomaError =>
  new SomaError(
    'VALIDATION_FAILED',
    'The memory has no `prediction` to compare the outcome with: say what was `expected`, set ' +
      '`predict`, or give a `reward`.',
  );
