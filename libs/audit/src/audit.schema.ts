import { isStorableTime } from '@soma/core';
import { z } from 'zod';
import { SERVICE } from './audit-event.js';

const hash = z.string().nullable().describe('SHA-256 in hex; null until chained.');
const eventExample = {
  tenant_id: '019aa5a0-0000-7000-8000-000000000001',
  id: '019aa5a0-0000-7000-8000-000000000002',
  sequence: 7,
  occurred_at: '2026-11-21T12:00:00.000000Z',
  actor: '5f0c1c5a9d3e7b21',
  action: 'memories.delete',
  target_kind: 'deletion',
  target: '019aa5a0-0000-7000-8000-000000000003',
  request_id: '5c1e0f6e-6f0c-4d0c-9c39-b3c9a4a1d0aa',
  source: '192.0.2.7',
  outcome: 'accepted',
  details: { kind: 'memory' },
  memory_ids: ['019aa5a0-0000-7000-8000-000000000004'],
  previous_hash: 'a'.repeat(64),
  hash: 'b'.repeat(64),
};

export const auditEventSchema = z
  .object({
    tenant_id: z.uuid(),
    id: z.uuid(),
    sequence: z.number().int().nullable().describe('From 1, by tenant; null until chained.'),
    occurred_at: z.string().describe('ISO 8601, UTC.'),
    actor: z.string().describe("Id of the token, `operator`, or `system` for the service's own."),
    action: z.string(),
    target_kind: z.string(),
    target: z.string(),
    request_id: z.string(),
    source: z.string().describe('Address the request came from.'),
    outcome: z.string(),
    details: z.record(z.string(), z.unknown()),
    memory_ids: z.array(z.uuid()).describe('Memories written, deleted or shown.'),
    previous_hash: hash,
    hash,
  })
  .meta({ id: 'AuditEvent', examples: [eventExample] });

export const auditPageSchema = z
  .object({
    events: z.array(auditEventSchema).describe('Newest first.'),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'AuditPage', examples: [{ events: [eventExample], next_cursor: null }] });

/** In place of a tenant: what is done to the service as a whole. */
const OF_SERVICE = 'service';

const tenant = z
  .union([z.uuid(), z.literal(OF_SERVICE)])
  .optional()
  .describe("Whose events; needed with the operator's token. `service`: of no tenant.");

const moment = z.iso
  .datetime({ offset: true })
  .refine(isStorableTime, 'is not of the years 1 to 9999')
  .transform((text) => new Date(text).toISOString());

const filter = {
  tenant,
  action: z.string().min(1).max(100).optional().describe('Only this action.'),
  token: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('Only by this token, by its id; or `operator`, `system`.'),
  memory: z
    .uuid()
    .optional()
    .describe('Only those that name this memory: who wrote it, who has been shown it.'),
  since: moment.optional().describe('From this moment on.'),
  until: moment.optional().describe('Before this moment.'),
};

export const auditQuerySchema = z.strictObject({
  ...filter,
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Most on a page.'),
  cursor: z.string().max(1_000).optional().describe('`next_cursor` of the page before.'),
});

export const auditExportQuerySchema = z.strictObject(filter);

/** The tenant that a query names. */
export const namedTenant = (named: string | undefined): string | undefined =>
  named === OF_SERVICE ? SERVICE.tenantId : named;

export const auditVerifyQuerySchema = z.strictObject({ tenant });

export const auditVerificationSchema = z
  .object({
    tenant_id: z.uuid(),
    intact: z.boolean().describe('Whether every chained event is as it was when chained.'),
    events: z.number().int().describe('Chained events that fit.'),
    purged: z.number().int().describe('Events before them that retention has deleted.'),
    waiting: z.number().int().describe('Events not chained yet.'),
    head: z
      .string()
      .describe('Hash of the last event that fits. Keep it elsewhere: it shows a cut-off end.'),
    broken_at: z.number().int().nullable().describe('Sequence of the first that does not fit.'),
  })
  .meta({
    id: 'AuditVerification',
    examples: [
      {
        tenant_id: eventExample.tenant_id,
        intact: true,
        events: 7,
        purged: 0,
        waiting: 0,
        head: 'b'.repeat(64),
        broken_at: null,
      },
    ],
  });

export type AuditPageView = z.infer<typeof auditPageSchema>;
export type AuditQuery = z.infer<typeof auditQuerySchema>;
export type AuditExportQuery = z.infer<typeof auditExportQuerySchema>;
export type AuditVerifyQuery = z.infer<typeof auditVerifyQuerySchema>;
export type AuditVerification = z.infer<typeof auditVerificationSchema>;
