import { coordinateSchema, listMemoriesSchema } from '@soma/memory';
import type { z } from 'zod';

export const exportQuerySchema = listMemoriesSchema
  .pick({
    namespace: true,
    memory_type: true,
    tag: true,
    min_coord: true,
    max_coord: true,
    filter: true,
    slot: true,
  })
  .extend({
    after: coordinateSchema
      .optional()
      .describe('Go on after the memory at this coordinate: that of the last whole line.'),
  });

export type ExportQuery = z.infer<typeof exportQuerySchema>;
