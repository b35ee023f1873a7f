import { SomaError } from '@soma/core';
import { BrokenCircuitError } from 'cockatiel';
import { MilvusRefusal } from '../milvus/milvus-failure.js';

const RETRY_AFTER_SECONDS = 2;

/**
 * Whether an index failed as a whole: no answer, none in time, or none asked for since the last ones
 * failed. What it refuses by an answer says nothing of the next call.
 */
export const isIndexOutage = (error: unknown): boolean =>
  error instanceof SomaError &&
  error.code === 'DEPENDENCY_UNAVAILABLE' &&
  !(error.cause instanceof MilvusRefusal);

/** Whether an index was not even asked, because it has been failing. */
export const isIndexPaused = (error: unknown): boolean =>
  error instanceof SomaError && error.cause instanceof BrokenCircuitError;

export const outage = (detail: string, cause?: unknown): SomaError =>
  new SomaError('DEPENDENCY_UNAVAILABLE', detail, {
    cause,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
