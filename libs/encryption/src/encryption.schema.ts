import { z } from 'zod';
import { APPLY_STAGES } from './reencryption.js';
import { CHOSEN_FIELDS, SEALED_FIELDS } from './sealed-field.js';

export const POLICIES = ['off', 'all', 'fields'] as const;

const tenantExample = '0198c1f0-0000-7000-8000-000000000001';

export const setEncryptionSchema = z
  .strictObject({
    policy: z
      .enum(POLICIES)
      .describe(
        '`all`: content, prediction, payload, metadata, metadata of links, stored vectors and kept answers; `fields`: those named; `off`: nothing. Words of encrypted contents are in no index, and encrypted metadata cannot be filtered by.',
      ),
    fields: z
      .array(z.enum(CHOSEN_FIELDS))
      .min(1)
      .optional()
      .describe('With `fields`: what is encrypted. Content drawn from a payload stays readable.'),
  })
  .refine(({ policy, fields }) => (policy === 'fields') === (fields !== undefined), {
    path: ['fields'],
    message: 'are named with the policy "fields", and with no other',
  })
  .meta({ id: 'SetEncryption', example: { policy: 'all' } });

const rowCounts = z.object(
  Object.fromEntries(APPLY_STAGES.map((stage) => [stage, z.number().int()])) as Record<
    (typeof APPLY_STAGES)[number],
    z.ZodInt
  >,
);

export const encryptionStatusSchema = z
  .object({
    tenant_id: z.uuid(),
    policy: z.enum(POLICIES),
    fields: z.array(z.enum(SEALED_FIELDS)).describe('What writes encrypt.'),
    key_version: z.number().int().describe('Data key of new writes; 0 when there is none.'),
    keys: z
      .array(z.object({ version: z.number().int(), wrapped_by: z.string() }))
      .describe('Data keys, and the key-encryption key that each is wrapped with.'),
    wraps_with: z
      .string()
      .nullable()
      .describe(
        'The key-encryption key that wraps now; null when none is configured or it is away.',
      ),
    applied: z.boolean().describe('Whether stored rows were all brought to this.'),
    remaining: rowCounts.describe('Stored rows that are not yet as the policy and key say.'),
    destroyed_at: z.iso.datetime().nullable(),
  })
  .meta({
    id: 'EncryptionStatus',
    examples: [
      {
        tenant_id: tenantExample,
        policy: 'all',
        fields: [...SEALED_FIELDS],
        key_version: 1,
        keys: [{ version: 1, wrapped_by: 'env:2026-11' }],
        wraps_with: 'env:2026-11',
        applied: false,
        remaining: {
          memories: 120,
          versions: 150,
          links: 3,
          vectors: 120,
          answers: 0,
          quarantined: 0,
          archived_memories: 0,
          archived_versions: 0,
          archived_links: 0,
          archived_vectors: 0,
        },
        destroyed_at: null,
      },
    ],
  });

export const applyEncryptionSchema = z
  .strictObject({
    cursor: z.string().max(2_000).optional().describe('`next_cursor` of the step before.'),
    limit: z.number().int().min(1).max(1_000).default(200).describe('Most rows of one step.'),
  })
  .meta({ id: 'ApplyEncryption', example: { limit: 200 } });

export const appliedEncryptionSchema = z
  .object({
    changed: z.number().int().describe('Rows that this step wrote.'),
    next_cursor: z
      .string()
      .nullable()
      .describe('Send it for the next step; null when all is done.'),
  })
  .meta({ id: 'AppliedEncryption', examples: [{ changed: 200, next_cursor: null }] });

export const rewrapSchema = z
  .strictObject({
    tenant: z.uuid().optional().describe('Only this tenant.'),
    cursor: z.string().max(2_000).optional().describe('`next_cursor` of the step before.'),
  })
  .meta({ id: 'RewrapKeys', example: {} });

export const rewrappedSchema = z
  .object({
    tenants: z.number().int(),
    keys: z.number().int().describe('Data keys seen.'),
    rewrapped: z.number().int().describe('Those that were wrapped with another key before.'),
    next_cursor: z.string().nullable(),
  })
  .meta({
    id: 'RewrappedKeys',
    examples: [{ tenants: 12, keys: 14, rewrapped: 14, next_cursor: null }],
  });

export type SetEncryption = z.infer<typeof setEncryptionSchema>;
export type EncryptionStatus = z.infer<typeof encryptionStatusSchema>;
export type ApplyEncryption = z.infer<typeof applyEncryptionSchema>;
export type AppliedEncryption = z.infer<typeof appliedEncryptionSchema>;
export type RewrapKeys = z.infer<typeof rewrapSchema>;
export type RewrappedKeys = z.infer<typeof rewrappedSchema>;
