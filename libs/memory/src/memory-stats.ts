import type { TenantScope } from '@soma/core';
import { z } from 'zod';

const counts = z.record(z.string(), z.number().int());

export const memoryStatsSchema = z.object({
  memories: z.object({ total: z.number().int(), by_type: counts, by_namespace: counts }),
  versions: z.number().int(),
  links: z.object({ total: z.number().int(), by_type: counts }),
  embeddings: z.object({
    total: z.number().int(),
    pending: z.number().int().describe('Not yet in the vector index; found all the same.'),
  }),
});

export type MemoryStats = z.infer<typeof memoryStatsSchema>;

export abstract class MemoryStatsRepository {
  /** Counts of the tenant, or of one of its namespaces. */
  abstract count(scope: TenantScope, namespace: string | undefined): Promise<MemoryStats>;
}
