import { CURSOR_PATTERN, isStorableText, isStorableTime } from '@soma/core';
import { z } from 'zod';
import { MAX_OVERLAP_SECONDS } from './token-rotation.js';
import { TOKEN_SCOPES } from './token-scope.js';

const name = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/[^\s\ufeff]/, 'must not be blank')
  .refine(isStorableText, 'has characters not allowed');
const tokenScopes = z.array(z.enum(TOKEN_SCOPES)).min(1).max(TOKEN_SCOPES.length);
const time = z.iso.datetime({ offset: true });
const namespaceName = z
  .string()
  .min(1)
  .max(200)
  .refine(isStorableText, 'has characters not allowed')
  .transform((text) => text.normalize('NFC'));
const rate = z.number().int().min(0).max(1_000_000_000);
const trust = z.number().min(0).max(1).describe('Most that a memory it writes is trusted.');
const quarantine = z
  .boolean()
  .describe('What it stores is not recalled until released; it changes and links nothing.');
const keptTo = z.array(z.string()).nullable().describe('Null: every namespace of the tenant.');

export const createTenantSchema = z
  .strictObject({ name: name.describe('Unique among tenants.') })
  .meta({ id: 'CreateTenant', examples: [{ name: 'Acme' }] });

const tenantExample = {
  id: '019aa5a0-0000-7000-8000-000000000001',
  name: 'Acme',
  created_at: '2026-11-21T12:00:00.000Z',
  suspended_at: null,
};

export const tenantSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    created_at: time,
    suspended_at: time.nullable().describe('Since when its tokens are refused; null: they work.'),
  })
  .meta({ id: 'Tenant', examples: [tenantExample] });

export const tenantPageSchema = z
  .object({ tenants: z.array(tenantSchema), next_cursor: z.string().nullable() })
  .meta({
    id: 'TenantPage',
    examples: [{ tenants: [tenantExample], next_cursor: null }],
  });

export const tenantQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Most on a page.'),
  cursor: z
    .string()
    .min(1)
    .max(1000)
    .meta({ pattern: CURSOR_PATTERN })
    .optional()
    .describe('`next_cursor` of the page before.'),
});

export const createTokenSchema = z
  .strictObject({
    name,
    scopes: tokenScopes.describe('What the token may do.'),
    expires_at: time
      .refine(isStorableTime, 'is not of the years 1 to 9999')
      .optional()
      .describe("From then on the token is refused. Without it: the maker's own expiry, if any."),
    requests_per_second: rate
      .optional()
      .describe("0: any number. Without it: the service's limit."),
    requests_per_day: rate.optional().describe('In 24 hours. Without it, or 0: any number.'),
    namespaces: z
      .array(namespaceName)
      .min(1)
      .max(100)
      .optional()
      .describe("The only namespaces it may touch. Without it: all that the maker's token may."),
    trust: trust
      .optional()
      .describe("Most that a memory it writes is trusted. Without it: as the maker's token."),
    quarantine: quarantine.default(false),
  })
  .refine(({ scopes, quarantine: apart }) => !apart || !scopes.includes('admin'), {
    path: ['scopes'],
    message: 'of a token in quarantine cannot include admin, which releases what it wrote',
  })
  .meta({
    id: 'CreateToken',
    example: { name: 'agent', scopes: ['memories:read', 'memories:write'] },
  });

export const rotateTokenSchema = z
  .strictObject({
    overlap_seconds: z
      .number()
      .int()
      .min(0)
      .max(MAX_OVERLAP_SECONDS)
      .default(3600)
      .describe('How long the secret of now stays good beside the new one.'),
  })
  .meta({ id: 'RotateToken', examples: [{ overlap_seconds: 3600 }] });

const tokenExample = {
  id: '5f0c1c5a9d3e7b21',
  name: 'agent',
  scopes: ['memories:read', 'memories:write'],
  namespaces: null,
  requests_per_second: null,
  requests_per_day: null,
  trust: 1,
  quarantine: false,
  expires_at: null,
  rotated_at: null,
  previous_until: null,
  revoked_at: null,
  last_used_at: null,
  created_at: '2026-11-21T12:00:00.000Z',
};

export const tokenSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: tokenScopes,
    namespaces: keptTo,
    requests_per_second: rate.nullable(),
    requests_per_day: rate.nullable(),
    trust,
    quarantine,
    expires_at: time.nullable(),
    rotated_at: time.nullable().describe('When its secret was last made anew.'),
    previous_until: time.nullable().describe('Until when the secret before that one is good.'),
    revoked_at: time.nullable(),
    last_used_at: time.nullable(),
    created_at: time,
  })
  .meta({ id: 'Token', examples: [tokenExample] });

export const tokenListSchema = z
  .object({ tokens: z.array(tokenSchema) })
  .meta({ id: 'TokenList', examples: [{ tokens: [tokenExample] }] });

export const createdTokenSchema = z
  .object({
    id: z.string(),
    token: z.string().describe('The bearer token. Shown this once; only its hash is kept.'),
    tenant_id: z.uuid(),
    name: z.string(),
    scopes: tokenScopes,
    namespaces: keptTo,
    trust,
    quarantine,
    expires_at: time.nullable(),
    previous_until: time.nullable().describe('After a rotation: until when the old one is good.'),
    created_at: time,
  })
  .meta({
    id: 'CreatedToken',
    examples: [
      {
        id: '5f0c1c5a9d3e7b21',
        token: 'soma_5f0c1c5a9d3e7b21_<64 hexadecimal digits>',
        tenant_id: '019aa5a0-0000-7000-8000-000000000001',
        name: 'agent',
        scopes: ['memories:read', 'memories:write'],
        namespaces: null,
        trust: 1,
        quarantine: false,
        expires_at: null,
        previous_until: null,
        created_at: '2026-11-21T12:00:00.000Z',
      },
    ],
  });

export type CreateTenant = z.infer<typeof createTenantSchema>;
export type Tenant = z.infer<typeof tenantSchema>;
export type TenantPage = z.infer<typeof tenantPageSchema>;
export type TenantQuery = z.infer<typeof tenantQuerySchema>;
export type CreateToken = z.infer<typeof createTokenSchema>;
export type RotateToken = z.infer<typeof rotateTokenSchema>;
export type Token = z.infer<typeof tokenSchema>;
export type TokenList = z.infer<typeof tokenListSchema>;
export type CreatedToken = z.infer<typeof createdTokenSchema>;
