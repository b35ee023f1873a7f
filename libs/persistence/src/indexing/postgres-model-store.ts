import { Injectable } from '@nestjs/common';
import { SERVICE } from '@soma/audit';
import { SomaError } from '@soma/core';
import {
  type ModelBacklog,
  type ModelProgress,
  type ModelState,
  ModelStore,
  type UsedModel,
} from '@soma/indexing';
import { appendEvent } from '../audit/audit-row.js';
import { Database } from '../connection/database.js';
import type { Prisma } from '../generated/client.js';
import { lockModels } from '../memory/namespace-lock.js';

interface ModelRow {
  model: string;
  state: ModelState;
  served: boolean;
  switch_when_ready: boolean;
  memories: number;
  vectors: number;
  recall: number | null;
  detail: string | null;
  created_at: Date;
  changed_at: Date;
  since_ms: number;
}

/** By the system's role. Every change of a state waits for the writes that go by the old one. */
@Injectable()
export class PostgresModelStore extends ModelStore {
  constructor(private readonly database: Database) {
    super();
  }

  all(): Promise<UsedModel[]> {
    return this.database.withSystem(async (transaction) => {
      const rows = await transaction.$queryRaw<ModelRow[]>`
        SELECT model, state, served, switch_when_ready, memories::float8 AS memories,
          vectors::float8 AS vectors, recall, detail, created_at, changed_at,
          (extract(epoch FROM clock_timestamp() - changed_at) * 1000)::float8 AS since_ms
        FROM embedding_models ORDER BY created_at, model`;
      return rows.map(usedModelOf);
    });
  }

  async adopt(model: string): Promise<void> {
    await this.changing(
      { action: 'models.adopt', model },
      (transaction) => transaction.$executeRaw`
        INSERT INTO embedding_models (model, state, served) SELECT ${model}, 'active', true
        WHERE NOT EXISTS (SELECT 1 FROM embedding_models WHERE state = 'active')
        ON CONFLICT (model) DO UPDATE SET state = 'active', served = true, changed_at = now()`,
    );
  }

  async replaceUnused(model: string): Promise<void> {
    await this.changing({ action: 'models.adopt', model }, async (transaction) => {
      await transaction.$executeRaw`
        UPDATE embedding_models SET state = 'dropping', changed_at = now()
        WHERE state NOT IN ('dropping', 'dropped')`;
      await transaction.$executeRaw`
        INSERT INTO embedding_models (model, state, served) VALUES (${model}, 'active', true)
        ON CONFLICT (model) DO UPDATE SET state = 'active', served = true, changed_at = now()`;
      return 1;
    });
  }

  async start(model: string, switchWhenReady: boolean): Promise<boolean> {
    const written = await this.changing(
      { action: 'models.reembed', model },
      (transaction) => transaction.$executeRaw`
        INSERT INTO embedding_models AS own (model, state, switch_when_ready)
        SELECT ${model}, 'building', ${switchWhenReady}
        WHERE NOT EXISTS (SELECT 1 FROM embedding_models other WHERE other.model <> ${model}
          AND other.state IN ('building', 'refused', 'ready', 'switching', 'retired'))
        ON CONFLICT (model) DO UPDATE SET switch_when_ready = excluded.switch_when_ready,
          state = CASE own.state WHEN 'refused' THEN 'building' ELSE own.state END,
          changed_at = CASE own.state WHEN 'refused' THEN now() ELSE own.changed_at END
        WHERE own.state IN ('building', 'refused', 'ready')`,
    );
    return written > 0;
  }

  async move(model: string, from: ModelState, to: ModelState): Promise<boolean> {
    const moved = await this.changing(
      { action: 'models.move', model, state: to },
      (transaction) => transaction.$executeRaw`
        UPDATE embedding_models SET state = ${to}, changed_at = now(), leased_until = NULL
        WHERE model = ${model} AND state = ${from}`,
    );
    return moved > 0;
  }

  async activate(model: string): Promise<boolean> {
    const activated = await this.changing(
      { action: 'models.activate', model },
      async (transaction) => {
        const retired = await transaction.$executeRaw`
        UPDATE embedding_models SET state = 'retired', changed_at = now(), detail = NULL
        WHERE state = 'active'
          AND EXISTS (SELECT 1 FROM embedding_models next
            WHERE next.model = ${model} AND next.state = 'switching')
          AND NOT EXISTS (SELECT 1 FROM index_outbox o WHERE o.operation = 'embed'
            AND o.model = ${model} AND o.parked_at IS NULL)`;
        if (retired === 0) return 0;
        return transaction.$executeRaw`
        UPDATE embedding_models
        SET state = 'active', served = true, changed_at = now(), leased_until = NULL, detail = NULL
        WHERE model = ${model}`;
      },
    );
    return activated > 0;
  }

  async hold(
    { model, state }: Pick<UsedModel, 'model' | 'state'>,
    { holder, leaseMs }: { readonly holder: string; readonly leaseMs: number },
    { memories, vectors, recall, detail }: ModelProgress = {},
  ): Promise<boolean> {
    const held = await this.database.withSystem(
      (transaction) => transaction.$executeRaw`
        UPDATE embedding_models SET leased_by = ${holder}::uuid,
          leased_until = clock_timestamp() + make_interval(secs => ${leaseMs / 1000}::float8),
          memories = coalesce(${memories ?? null}::bigint, memories),
          vectors = coalesce(${vectors ?? null}::bigint, vectors),
          recall = coalesce(${recall ?? null}::float8, recall),
          detail = CASE WHEN ${detail !== undefined} THEN ${detail ?? null}::text ELSE detail END
        WHERE model = ${model} AND state = ${state} AND (leased_by = ${holder}::uuid
          OR leased_until IS NULL OR leased_until < clock_timestamp())`,
    );
    return held > 0;
  }

  backlog(model: string): Promise<ModelBacklog> {
    return this.database.withSystem(async (transaction) => {
      const [row] = await transaction.$queryRaw<ModelBacklog[]>`
        SELECT count(*) FILTER (WHERE is_text AND parked_at IS NULL)::int AS texts,
          count(*) FILTER (WHERE is_text AND parked_at IS NOT NULL)::int AS untaken,
          count(*) FILTER (WHERE NOT is_text)::int AS entries,
          coalesce(extract(epoch FROM
            now() - min(created_at) FILTER (WHERE NOT is_text)), 0)::float8 AS "oldestSeconds"
        FROM (SELECT operation = 'embed' AS is_text, parked_at, created_at FROM index_outbox
          WHERE model = ${model}) AS task`;
      return row ?? { texts: 0, untaken: 0, entries: 0, oldestSeconds: 0 };
    });
  }

  async forgetTasks(model: string): Promise<void> {
    await this.database.withSystem(
      (transaction) => transaction.$executeRaw`DELETE FROM index_outbox WHERE model = ${model}`,
    );
  }

  async forget(model: string): Promise<void> {
    await this.database.withSystem(
      (transaction) => transaction.$executeRaw`
        DELETE FROM embedding_models WHERE model = ${model} AND state = 'dropped'`,
    );
  }

  private async changing(
    told: { readonly action: string; readonly model: string; readonly state?: ModelState },
    work: (transaction: Prisma.TransactionClient) => Promise<number>,
  ): Promise<number> {
    try {
      return await this.database.withSystem(async (transaction) => {
        await lockModels(transaction);
        const changed = await work(transaction);
        if (changed > 0) await transaction.$executeRaw(modelEvent(told));
        return changed;
      });
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('lock timeout'))) throw error;
      throw new SomaError(
        'DEPENDENCY_UNAVAILABLE',
        'Writes under way take too long to change the embedding models now; try again.',
        { cause: error, retryAfterSeconds: 1 },
      );
    }
  }
}

const modelEvent = ({
  action,
  model,
  state,
}: {
  readonly action: string;
  readonly model: string;
  readonly state?: ModelState;
}): Prisma.Sql =>
  appendEvent(SERVICE, {
    action,
    targetKind: 'model',
    target: model,
    outcome: 'done',
    details: state === undefined ? {} : { state },
  });

const usedModelOf = (row: ModelRow): UsedModel => ({
  model: row.model,
  state: row.state,
  served: row.served,
  switchWhenReady: row.switch_when_ready,
  memories: row.memories,
  vectors: row.vectors,
  recall: row.recall ?? undefined,
  detail: row.detail ?? undefined,
  createdAt: row.created_at,
  changedAt: row.changed_at,
  sinceMs: row.since_ms,
});
