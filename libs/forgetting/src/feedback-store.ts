import type { MemoryId, TenantScope } from '@soma/core';
import type { FeedbackList, GivenFeedback } from './feedback.schema.js';

/** What was said of the use of memories. */
export abstract class FeedbackStore {
  abstract add(
    scope: TenantScope,
    of: { readonly id: MemoryId; readonly namespace: string },
    given: GivenFeedback,
  ): Promise<void>;
  /** Oldest first, the last `limit`. */
  abstract list(scope: TenantScope, id: MemoryId, limit: number): Promise<FeedbackList['feedback']>;
}
