import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type IdempotencyClaim, SomaError, type TenantScope, UnitOfWork } from '@soma/core';
import { OutboxSignal } from '@soma/indexing';
import { RoomMaker } from '../memory/room-maker.js';
import { appendEventOf } from '../audit/audit-row.js';
import { Prisma } from '../generated/client.js';
import { Database } from './database.js';
import { RowCipher } from '../encryption/row-cipher.js';
import { COLUMNS, type Sealing } from '../encryption/sealing.js';
import type { Transaction } from './transaction.js';

interface KeyRow {
  request_hash: string;
  answer_deleted: boolean;
  response: unknown;
  sealed_response: Uint8Array | null;
}

@Injectable()
export class PrismaUnitOfWork extends UnitOfWork {
  constructor(
    private readonly database: Database,
    private readonly outbox: OutboxSignal,
    private readonly room: RoomMaker,
    private readonly cipher: RowCipher,
  ) {
    super();
  }

  async run<Result>(
    scope: TenantScope,
    given: IdempotencyClaim | undefined,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const claim = given && ownClaim(scope, given);
    const result = await this.room.forWork(scope, () => this.once(scope, claim, work));
    this.outbox.raise();
    return result;
  }

  private once<Result>(
    scope: TenantScope,
    claim: IdempotencyClaim | undefined,
    work: () => Promise<Result>,
  ): Promise<Result> {
    return this.database.withTenant(scope, async (transaction) => {
      if (!claim) return work();
      const earlier = await takeKey(transaction, scope, claim);
      if (earlier) {
        await transaction.execute`${replayedEvent(scope, claim)}`;
        return (await this.answerOf(scope, claim, earlier)) as Result;
      }
      const answer = await work();
      const sealing = await this.cipher.sealing(transaction, scope);
      await keepAnswer(transaction, scope, claim, { answer, sealing });
      return answer;
    });
  }

  private async answerOf(
    scope: TenantScope,
    { key: rowId }: IdempotencyClaim,
    { response, sealed_response: bytes }: KeyRow,
  ): Promise<unknown> {
    if (!bytes) return response;
    const sealed = { rowId, column: COLUMNS.response, bytes };
    const open = await this.cipher.opener(scope, [sealed]);
    return JSON.parse(open(sealed).toString('utf8'));
  }
}

/** The answer is shown again, perhaps to somebody else: memories that it tells of are named. */
const replayedEvent = (scope: TenantScope, { key }: IdempotencyClaim): Prisma.Sql =>
  appendEventOf(
    scope,
    { action: 'answers.repeat', targetKind: 'memories', outcome: 'done' },
    {
      target: Prisma.sql`''`,
      details: Prisma.sql`'{}'::jsonb`,
      memoryIds: Prisma.sql`array_agg(t.memory_id)`,
      from: Prisma.sql`FROM answered_memories t WHERE t.tenant_id = ${scope.tenantId}::uuid
        AND t.key = ${key} HAVING count(*) > 0`,
    },
  );

/** Tokens kept to other namespaces have keys of their own: an answer shows what one of them may see. */
function ownClaim({ namespaces }: TenantScope, claim: IdempotencyClaim): IdempotencyClaim {
  if (!namespaces) return claim;
  const kept = createHash('sha256')
    .update(JSON.stringify([...namespaces].sort()))
    .digest('hex');
  return { ...claim, key: `${kept} ${claim.key}` };
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
      SET request_hash = excluded.request_hash, response = NULL, sealed_response = NULL,
        answer_deleted = false,
        created_at = now()
      WHERE k.created_at < now() - interval '24 hours'`;
  if (taken > 0) return undefined;
  const [row] = await transaction.query<KeyRow[]>`
    SELECT request_hash, response, sealed_response, answer_deleted FROM idempotency_keys
    WHERE tenant_id = ${scope.tenantId}::uuid AND key = ${claim.key}`;
  if (!row) throw new Error('An idempotency key was taken and then not found.');
  if (row.request_hash === claim.requestHash) {
    if (!row.answer_deleted) return row;
    throw new SomaError(
      'ANSWER_DELETED',
      'This request was carried out; a memory that its answer told of has been deleted since.',
    );
  }
  throw new SomaError(
    'IDEMPOTENCY_KEY_REUSED',
    'This Idempotency-Key was used for another request in the last 24 hours; choose a new one.',
  );
}

async function keepAnswer(
  transaction: Transaction,
  scope: TenantScope,
  { key }: IdempotencyClaim,
  { answer, sealing }: { readonly answer: unknown; readonly sealing: Sealing },
): Promise<void> {
  const sealed = sealing.json('answers', key, COLUMNS.response, answer);
  const plain = sealed === undefined ? JSON.stringify(answer) : null;
  await transaction.execute`
    WITH answered AS (
      UPDATE idempotency_keys
      SET response = ${plain}::jsonb, sealed_response = decode(${sealed ?? null}::text, 'base64')
      WHERE tenant_id = ${scope.tenantId}::uuid AND key = ${key} RETURNING key
    )
    INSERT INTO answered_memories (tenant_id, key, memory_id)
    SELECT ${scope.tenantId}::uuid, a.key, m.memory_id
    FROM answered a, LATERAL memories_of_answer(${JSON.stringify(answer)}::jsonb) m
    ON CONFLICT DO NOTHING`;
}
