import { z } from 'zod';

export const QUOTA_POLICIES = ['reject', 'evict'] as const;

const count = z.number().int();
const limit = z
  .number()
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER)
  .nullable()
  .default(null)
  .describe("0: no limit; null: the service's default.");
const tenantClass = z
  .string()
  .max(32)
  .nullable()
  .default(null)
  .describe(
    'What its use of models is counted under: one of SOMA_TENANT_CLASSES; null: the first of them.',
  );
const rate = limit.unwrap().unwrap().max(1_000_000_000).nullable().default(null);

const limits = {
  memories: limit,
  bytes: limit.describe('Of every version of every memory.'),
  vectors: limit,
  links: limit,
  embeddings_per_day: limit.describe('Texts that a provider embeds, by day (UTC).'),
  requests_per_second: rate.describe("Of all the tenant's tokens together."),
  requests_per_day: rate.describe("Of all the tenant's tokens together."),
};

export const setQuotasSchema = z
  .strictObject({
    ...limits,
    policy: z
      .enum(QUOTA_POLICIES)
      .nullable()
      .default(null)
      // OpenAPI 3.0 wants null among the values, "nullable" or not.
      .meta({ enum: [...QUOTA_POLICIES, null] })
      .describe('Refuse what has no room, or delete the least important that is not pinned.'),
    tenant_class: tenantClass,
  })
  .meta({ id: 'SetQuotas', examples: [{ memories: 100_000, policy: 'evict' }] });

const effective = z.object({
  memories: count,
  bytes: count,
  vectors: count,
  links: count,
  embeddings_per_day: count,
  requests_per_second: count,
  requests_per_day: count,
  policy: z.enum(QUOTA_POLICIES),
  tenant_class: z.string(),
});

const none = {
  memories: null,
  bytes: null,
  vectors: null,
  links: null,
  embeddings_per_day: null,
  requests_per_second: null,
  requests_per_day: null,
  policy: null,
  tenant_class: null,
};
const zero = {
  memories: 0,
  bytes: 0,
  vectors: 0,
  links: 0,
  embeddings_per_day: 0,
  requests_per_second: 0,
  requests_per_day: 0,
  policy: 'reject' as const,
  tenant_class: 'standard',
};
const quotasExample = {
  set: { ...none, memories: 100_000, policy: 'evict' as const },
  effective: { ...zero, memories: 100_000, policy: 'evict' as const },
};

export const quotasSchema = z
  .object({
    set: z.object({
      ...limits,
      policy: z.enum(QUOTA_POLICIES).nullable(),
      tenant_class: tenantClass,
    }),
    effective: effective.describe("With the service's defaults; 0: no limit."),
  })
  .meta({ id: 'Quotas', examples: [quotasExample] });

export const keptSchema = z.object({
  memories: count,
  bytes: count,
  vectors: count,
  links: count,
});

const keptExample = { memories: 1200, bytes: 940_000, vectors: 1200, links: 80 };

export const usageQuerySchema = z.strictObject({
  days: z.coerce.number().int().min(1).max(400).default(30).describe('Days back, today included.'),
});

export const usageSchema = z
  .object({
    tenant_id: z.uuid(),
    kept: keptSchema.describe('Now, to the last committed write.'),
    quotas: effective,
    days: z
      .array(
        z.object({
          day: z.iso.date(),
          requests: count,
          searches: count,
          embedding_calls: count,
          embedded_texts: count,
        }),
      )
      .describe('Latest first, by UTC; days without any are left out. A few seconds old.'),
  })
  .meta({
    id: 'Usage',
    examples: [
      {
        tenant_id: '019aa5a0-0000-7000-8000-000000000001',
        kept: keptExample,
        quotas: quotasExample.effective,
        days: [
          {
            day: '2026-11-21',
            requests: 5000,
            searches: 2100,
            embedding_calls: 90,
            embedded_texts: 400,
          },
        ],
      },
    ],
  });

export const verifyQuotasSchema = z
  .strictObject({
    tenant: z.string().max(100).optional().describe('Id of one tenant; without it all of them.'),
    repair: z.boolean().default(false).describe('Set counters that differ to what was counted.'),
  })
  .meta({ id: 'VerifyQuotas', examples: [{ repair: false }] });

export const verifiedQuotasSchema = z
  .object({
    tenants: count.describe('How many were counted.'),
    differing: z.array(z.object({ tenant_id: z.uuid(), counter: keptSchema, counted: keptSchema })),
    repaired: count,
  })
  .meta({
    id: 'VerifiedQuotas',
    examples: [
      {
        tenants: 2,
        differing: [
          {
            tenant_id: '019aa5a0-0000-7000-8000-000000000001',
            counter: keptExample,
            counted: { ...keptExample, memories: 1201 },
          },
        ],
        repaired: 0,
      },
    ],
  });

export type SetQuotas = z.infer<typeof setQuotasSchema>;
export type Quotas = z.infer<typeof quotasSchema>;
export type EffectiveQuotas = z.infer<typeof effective>;
export type Kept = z.infer<typeof keptSchema>;
export type UsageQuery = z.infer<typeof usageQuerySchema>;
export type Usage = z.infer<typeof usageSchema>;
export type UsageDay = Usage['days'][number];
export type VerifyQuotas = z.infer<typeof verifyQuotasSchema>;
export type VerifiedQuotas = z.infer<typeof verifiedQuotasSchema>;
