import { SomaError } from '@soma/core';

const RETRY_AFTER_SECONDS = 2;

/** What Milvus said, for logs: it may name addresses and values, so it never reaches a client. */
export class MilvusRefusal extends Error {
  constructor(
    readonly operation: string,
    readonly code: number | string,
    reason: string,
  ) {
    super(`Milvus refused ${operation} (code ${code}): ${reason}`);
    this.name = 'MilvusRefusal';
  }
}

const unavailable = (detail: string, cause?: unknown): SomaError =>
  new SomaError('DEPENDENCY_UNAVAILABLE', detail, {
    cause,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });

export const refused = (refusal: MilvusRefusal): SomaError =>
  unavailable(`The vector index refused to ${refusal.operation} (code ${refusal.code}).`, refusal);

export const unreachable = (operation: string, cause: unknown): SomaError =>
  unavailable(`The vector index could not be asked to ${operation}; try again shortly.`, cause);

export const tooLate = (operation: string, milliseconds: number): SomaError =>
  unavailable(`The vector index did not ${operation} within ${milliseconds} ms.`);

export const unfit = (detail: string): SomaError => unavailable(detail);
