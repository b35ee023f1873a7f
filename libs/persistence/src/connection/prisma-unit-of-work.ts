import { Injectable } from '@nestjs/common';
import { type IdempotencyClaim, SomaError, type TenantScope, UnitOfWork } from '@soma/core';
import { OutboxSignal } from '@soma/indexing';
import { Database } from './database.js';
import type { Transaction } from './transaction.js';

interface KeyRow {
  request_hash: string;
  response: unknown;
}

@Injectable()
export class PrismaUnitOfWork extends UnitOfWork {
  constructor(
    private readonly database: Database,
    private readonly outbox: OutboxSignal,
  ) {
    super();
  }

  async run<Result>(
    scope: TenantScope,
    claim: IdempotencyClaim | undefined,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const result = await this.database.withTenant(scope, async (transaction) => {
      if (!claim) return work();
      const earlier = await takeKey(transaction, scope, claim);
      if (earlier) return earlier.response as Result;
      const answer = await work();
      await keepAnswer(transaction, scope, claim, answer);
      return answer;
    });
    this.outbox.raise();
    return result;
  }
}

/**
 * Takes the key, or gives what was answered under it. A request with the same key that is still
 * under way holds the row, so this one waits for its answer. A key older than a day is free again.
 */
async function takeKey(
  transaction: Transaction,
  scope: TenantScope,
  claim: IdempotencyClaim,
): Promise<KeyRow | undefined> {
  const taken = await transaction.execute`
    INSERT INTO idempotency_keys AS k (tenant_id, key, request_hash)
    VALUES (${scope.tenantId}::uuid, ${claim.key}, ${claim.requestHash})
    ON CONFLICT (tenant_id, key) DO UPDATE
      SET request_hash = excluded.request_hash, response = NULL, created_at = now()
      WHERE k.created_at < now() - interval '24 hours'`;
  if (taken > 0) return undefined;
  const [row] = await transaction.query<KeyRow[]>`
    SELECT request_hash, response FROM idempotency_keys
    WHERE tenant_id = ${scope.tenantId}::uuid AND key = ${claim.key}`;
  if (!row) throw new Error('An idempotency key was taken and then not found.');
  if (row.request_hash === claim.requestHash) return row;
  throw new SomaError(
    'IDEMPOTENCY_KEY_REUSED',
    'This Idempotency-Key was used for another request in the last 24 hours; choose a new one.',
  );
}

async function keepAnswer(
  transaction: Transaction,
  scope: TenantScope,
  claim: IdempotencyClaim,
  answer: unknown,
): Promise<void> {
  await transaction.execute`
    UPDATE idempotency_keys SET response = ${JSON.stringify(answer)}::jsonb
    WHERE tenant_id = ${scope.tenantId}::uuid AND key = ${claim.key}`;
}
