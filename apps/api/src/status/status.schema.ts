import { memoryStatsSchema } from '@soma/memory';
import { z } from 'zod';

export const livenessSchema = z
  .object({ status: z.literal('ok') })
  .meta({ id: 'Liveness', examples: [{ status: 'ok' as const }] });

const dependencies = z.record(
  z.string(),
  z.object({ status: z.enum(['ok', 'down']), latency_ms: z.number() }),
);

export const readinessSchema = z
  .object({
    status: z.enum(['ok', 'degraded', 'down']).describe('`down` answers 503.'),
    dependencies,
  })
  .meta({
    id: 'Readiness',
    examples: [{ status: 'ok', dependencies: { store: { status: 'ok', latency_ms: 0.8 } } }],
  });

export const healthSchema = readinessSchema
  .extend({ version: z.string(), uptime_s: z.number() })
  .meta({
    id: 'Health',
    examples: [
      {
        status: 'ok',
        dependencies: {
          store: { status: 'ok', latency_ms: 0.8 },
          index: { status: 'ok', latency_ms: 0.1 },
        },
        version: '0.1.0',
        uptime_s: 3600,
      },
    ],
  });

export const statsSchema = memoryStatsSchema
  .extend({
    embeddings: memoryStatsSchema.shape.embeddings.extend({
      model: z.string(),
      dimension: z.number().int(),
    }),
    backends: z.object({
      store: z.enum(['pglite', 'postgresql']),
      index: z.enum(['flat', 'milvus']),
      cache: z.enum(['in-process', 'redis']),
    }),
  })
  .meta({
    id: 'Stats',
    examples: [
      {
        memories: { total: 2, by_type: { episodic: 2 }, by_namespace: { default: 2 } },
        versions: 3,
        links: { total: 1, by_type: { causes: 1 } },
        embeddings: { total: 2, pending: 0, model: 'hash-v1:768', dimension: 768 },
        backends: { store: 'pglite', index: 'flat', cache: 'in-process' },
      },
    ],
  });

export type Readiness = z.infer<typeof readinessSchema>;
export type HealthAnswer = z.infer<typeof healthSchema>;
export type Stats = z.infer<typeof statsSchema>;
