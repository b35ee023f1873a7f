import { CURSOR_PATTERN } from '@soma/core';
import { z } from 'zod';

const count = z.number().int().min(0);
const time = z.iso.datetime();

const TENANT_ID = '019aa5a0-0000-7000-8000-000000000001';

const tenant = z.uuid().optional().describe('Id of one tenant; without it all of them.');

export const reconcileRequestSchema = z
  .strictObject({
    tenant,
    dry_run: z.boolean().default(false).describe('Compare, and repair nothing.'),
  })
  .meta({ id: 'ReconcileRequest', examples: [{ tenant: TENANT_ID, dry_run: true }] });

export const reindexRequestSchema = z
  .strictObject({ tenant })
  .meta({ id: 'ReindexRequest', examples: [{ tenant: TENANT_ID }] });

const tenantExample = {
  tenant_id: TENANT_ID,
  expected: 20_000,
  waiting: 12,
  indexed: 19_999,
  missing: 2,
  orphans: 1,
  repaired: 3,
};

export const tenantReportSchema = z
  .object({
    tenant_id: z.uuid(),
    expected: count.describe('Vectors in PostgreSQL that the index must have.'),
    waiting: count.describe('Vectors that are on their way to the index, or just arrived.'),
    indexed: count.describe('Entries found in the index.'),
    missing: count.describe('Expected, and not in the index.'),
    orphans: count.describe('In the index, and neither in PostgreSQL nor on their way.'),
    repaired: count.describe('Missing ones queued anew, and orphans removed.'),
  })
  .meta({ id: 'TenantReconciliation', examples: [tenantExample] });

const recallExample = { measured_at: '2026-11-21T12:00:04.000Z', ratio: 0.995, queries: 40 };

const reportExample = {
  started_at: '2026-11-21T12:00:00.000Z',
  finished_at: '2026-11-21T12:00:02.500Z',
  dry_run: false,
  tenants: [tenantExample],
};

export const recallReportSchema = z
  .object({
    measured_at: time,
    ratio: z
      .number()
      .min(0)
      .max(1)
      .describe('Mean share of the exact nearest ten that the index found; 1 without a query.'),
    queries: count,
  })
  .meta({ id: 'IndexRecall', examples: [recallExample] });

export const reconcileReportSchema = z
  .object({
    started_at: time,
    finished_at: time,
    dry_run: z.boolean(),
    tenants: z.array(tenantReportSchema),
    recall: recallReportSchema
      .optional()
      .describe('What the index was last found to find, after a comparison in the background.'),
  })
  .meta({ id: 'ReconcileReport', examples: [reportExample] });

export const reindexReportSchema = z
  .object({
    tenants: count.describe('Tenants whose vectors were queued.'),
    queued: count.describe('Vectors queued; those that were queued already are not counted.'),
  })
  .meta({ id: 'ReindexReport', examples: [{ tenants: 1, queued: 20_000 }] });

export const consistencyQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Most tenants on a page.'),
  cursor: z
    .string()
    .min(1)
    .max(1000)
    .meta({ pattern: CURSOR_PATTERN })
    .optional()
    .describe('`next_cursor` of the page before.'),
});

const countExample = { tenant_id: TENANT_ID, stored: 20_012, waiting: 12, indexed: 20_000 };

export const consistencySchema = z
  .object({
    last_run: reconcileReportSchema
      .nullable()
      .describe('The last comparison of all tenants, by whatever process; null before the first.'),
    tenants: z.array(
      z
        .object({
          tenant_id: z.uuid(),
          stored: count.describe('Vectors in PostgreSQL.'),
          waiting: count.describe('Those of them that are not in the index yet.'),
          indexed: count.describe('Entries in the index, counted now.'),
        })
        .meta({ id: 'TenantCounts', examples: [countExample] }),
    ),
    next_cursor: z.string().nullable(),
  })
  .meta({
    id: 'Consistency',
    examples: [{ last_run: reportExample, tenants: [countExample], next_cursor: null }],
  });

export type ReconcileRequest = z.infer<typeof reconcileRequestSchema>;
export type ReindexRequest = z.infer<typeof reindexRequestSchema>;
export type TenantReport = z.infer<typeof tenantReportSchema>;
export type ReconcileReport = z.infer<typeof reconcileReportSchema>;
export type RecallReport = z.infer<typeof recallReportSchema>;
export type ReindexReport = z.infer<typeof reindexReportSchema>;
export type ConsistencyQuery = z.infer<typeof consistencyQuerySchema>;
export type Consistency = z.infer<typeof consistencySchema>;
