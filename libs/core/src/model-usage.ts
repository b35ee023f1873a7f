import { channel } from 'node:diagnostics_channel';
import type { Dependency } from './dependency-call.js';
import type { TenantId } from './ids.js';

/** What a model says that an answer of it took. */
export interface ModelUsage {
  readonly dependency: Extract<Dependency, 'embedding-provider' | 'chat-model' | 'predictor'>;
  /** For whom it was asked. */
  readonly tenantId: TenantId;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

const USAGE = channel('soma:model-usage');

/** Tells who watches what an answer of a model took. */
export function noteModelUsage(usage: ModelUsage): void {
  if (USAGE.hasSubscribers) USAGE.publish(usage);
}

/** Tells of every such answer in this process from now on. @returns what ends that. */
export function watchModelUsage(onUsage: (usage: ModelUsage) => void): () => void {
  const answers = (usage: unknown): void => onUsage(usage as ModelUsage);
  USAGE.subscribe(answers);
  return () => {
    USAGE.unsubscribe(answers);
  };
}
