import { setTimeout as wait } from 'node:timers/promises';
import type { ApiClient, ApiReply, ApiRequest } from './api-client.js';
import { CliError } from './cli-error.js';

const MAX_WAITS = 20;

/** `send`, but asked again when the rate is limited, after as long as the service says. */
export async function sendPatiently<T>(api: ApiClient, request: ApiRequest): Promise<ApiReply<T>> {
  for (let waits = 0; ; waits += 1) {
    try {
      return await api.send<T>(request);
    } catch (error) {
      const isLimited = error instanceof CliError && error.parts.status === 429;
      if (!isLimited || waits === MAX_WAITS) throw error;
      await wait((error.parts.retryAfter ?? 1) * 1000);
    }
  }
}
