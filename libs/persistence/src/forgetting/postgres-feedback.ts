import { Injectable } from '@nestjs/common';
import { Clock, type MemoryId, type TenantScope } from '@soma/core';
import { type FeedbackList, FeedbackStore, type GivenFeedback } from '@soma/forgetting';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '../connection/database.js';

type FeedbackRow = GivenFeedback & { created_at: Date };

@Injectable()
export class PostgresFeedback extends FeedbackStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    super();
  }

  async add(
    scope: TenantScope,
    { id, namespace }: { readonly id: MemoryId; readonly namespace: string },
    given: GivenFeedback,
  ): Promise<void> {
    await this.database.withTenant(
      scope,
      (transaction) => transaction.execute`
        INSERT INTO memory_feedback (tenant_id, id, memory_id, namespace, reward, correct,
          expected_from, predicted_by, learning_rate, importance_before, importance_after, created_at)
        SELECT ${scope.tenantId}::uuid, ${uuidv7()}::uuid, ${id}::uuid, ${namespace}, f.reward,
          f.correct, f.expected_from, f.predicted_by, f.learning_rate, f.importance_before, f.importance_after, ${this.clock.now()}
        FROM jsonb_to_record(${JSON.stringify(given)}::jsonb) AS f (reward float8, correct boolean,
          expected_from text, predicted_by text,
          learning_rate float8, importance_before float8, importance_after float8)`,
    );
  }

  list(scope: TenantScope, id: MemoryId, limit: number): Promise<FeedbackList['feedback']> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<FeedbackRow[]>`
        SELECT reward, correct, expected_from, predicted_by, learning_rate, importance_before, importance_after, created_at
        FROM memory_feedback
        WHERE tenant_id = ${scope.tenantId}::uuid AND memory_id = ${id}::uuid
        ORDER BY id DESC LIMIT ${limit}`;
      return rows.reverse().map((row) => ({ ...row, created_at: row.created_at.toISOString() }));
    });
  }
}
