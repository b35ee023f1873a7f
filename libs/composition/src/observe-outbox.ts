import type { INestApplicationContext } from '@nestjs/common';
import { EmbeddingQueue, IndexOutbox, ReconcileRuns, type TenantReport } from '@soma/indexing';
import { Metrics } from '@soma/observability';

/** Gauges of what the vector index has yet to see. */
export function observeOutbox(app: INestApplicationContext): void {
  const [metrics, outbox] = [app.get(Metrics), app.get(IndexOutbox)];
  metrics.observe('soma_outbox_tasks', 'Index tasks that wait.', async () => {
    return (await outbox.backlog()).tasks;
  });
  metrics.observe('soma_outbox_oldest_seconds', 'Age of the oldest index task.', async () => {
    return (await outbox.backlog()).oldestSeconds;
  });
  metrics.observe('soma_outbox_parked', 'Index tasks put aside after 10 tries.', async () => {
    return (await outbox.backlog()).parked;
  });
  const queue = app.get(EmbeddingQueue);
  metrics.observe('soma_embeddings_pending', 'Memories that wait for their vector.', () =>
    queue.count(),
  );
  metrics.observe(
    'soma_embeddings_oldest_seconds',
    'Age of the oldest memory that waits for its vector.',
    () => queue.oldestSeconds(),
  );
  const runs = app.get(ReconcileRuns);
  const lastFound = async (what: 'missing' | 'orphans' | 'repaired'): Promise<number> =>
    ((await runs.last())?.tenants ?? []).reduce(
      (sum: number, tenant: TenantReport) => sum + tenant[what],
      0,
    );
  metrics.observe('soma_reconcile_missing', 'Vectors the index lacked when last compared.', () =>
    lastFound('missing'),
  );
  metrics.observe('soma_reconcile_orphans', 'Index entries of no memory when last compared.', () =>
    lastFound('orphans'),
  );
  metrics.observe('soma_reconcile_repaired', 'Of both, those repaired then.', () =>
    lastFound('repaired'),
  );
  metrics.observe(
    'soma_reconcile_finished_timestamp_seconds',
    'When it was last compared.',
    async () => {
      const last = await runs.last();
      return last ? Date.parse(last.finished_at) / 1_000 : 0;
    },
  );
  metrics.observe(
    'soma_recall_canary_ratio',
    'Share of the exact nearest ten that the index found when last measured; 1 before.',
    async () => (await runs.last())?.recall?.ratio ?? 1,
  );
  metrics.observe(
    'soma_recall_canary_queries',
    'Queries that it was last measured by.',
    async () => (await runs.last())?.recall?.queries ?? 0,
  );
  metrics.observe('soma_recall_canary_timestamp_seconds', 'When that was.', async () => {
    const recall = (await runs.last())?.recall;
    return recall ? Date.parse(recall.measured_at) / 1_000 : 0;
  });
}
