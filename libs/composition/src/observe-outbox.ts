import type { INestApplicationContext } from '@nestjs/common';
import { EmbeddingQueue, IndexOutbox } from '@soma/indexing';
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
}
