import { SomaError } from '@soma/core';

const RETRY_AFTER_SECONDS = 2;

export const policyUnavailable = (reason: string, cause?: unknown): SomaError =>
  new SomaError(
    'POLICY_UNAVAILABLE',
    `Whether this is allowed cannot be decided: ${reason}. Try again later.`,
    { cause, retryAfterSeconds: RETRY_AFTER_SECONDS },
  );
