import { isStorableText, isStorableTime } from '@soma/core';
import { z } from 'zod';
import { TOKEN_SCOPES } from './token-scope.js';

const name = z.string().trim().min(1).max(200).refine(isStorableText, 'has characters not allowed');
const tokenScopes = z.array(z.enum(TOKEN_SCOPES)).min(1).max(TOKEN_SCOPES.length);
const time = z.iso.datetime({ offset: true });

export const createTenantSchema = z
  .strictObject({ name: name.describe('Unique among tenants.') })
  .meta({ id: 'CreateTenant', examples: [{ name: 'Acme' }] });

export const tenantSchema = z.object({ id: z.uuid(), name: z.string(), created_at: time }).meta({
  id: 'Tenant',
  examples: [
    {
      id: '019aa5a0-0000-7000-8000-000000000001',
      name: 'Acme',
      created_at: '2026-11-21T12:00:00.000Z',
    },
  ],
});

export const tenantPageSchema = z
  .object({ tenants: z.array(tenantSchema), next_cursor: z.string().nullable() })
  .meta({
    id: 'TenantPage',
    examples: [
      {
        tenants: [
          {
            id: '019aa5a0-0000-7000-8000-000000000001',
            name: 'Acme',
            created_at: '2026-11-21T12:00:00.000Z',
          },
        ],
        next_cursor: null,
      },
    ],
  });

export const tenantQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('Most on a page.'),
  cursor: z.string().max(1000).optional().describe('`next_cursor` of the page before.'),
});

export const createTokenSchema = z
  .strictObject({
    name,
    scopes: tokenScopes.describe('What the token may do.'),
    expires_at: time
      .refine(isStorableTime, 'is not of the years 1 to 9999')
      .optional()
      .describe('From then on the token is refused.'),
  })
  .meta({
    id: 'CreateToken',
    examples: [{ name: 'agent', scopes: ['memories:read', 'memories:write'] }],
  });

const tokenExample = {
  id: '5f0c1c5a9d3e7b21',
  name: 'agent',
  scopes: ['memories:read', 'memories:write'],
  expires_at: null,
  revoked_at: null,
  last_used_at: null,
  created_at: '2026-11-21T12:00:00.000Z',
};

export const tokenSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: tokenScopes,
    expires_at: time.nullable(),
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
    expires_at: time.nullable(),
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
        expires_at: null,
        created_at: '2026-11-21T12:00:00.000Z',
      },
    ],
  });

export type CreateTenant = z.infer<typeof createTenantSchema>;
export type Tenant = z.infer<typeof tenantSchema>;
export type TenantPage = z.infer<typeof tenantPageSchema>;
export type TenantQuery = z.infer<typeof tenantQuerySchema>;
export type CreateToken = z.infer<typeof createTokenSchema>;
export type Token = z.infer<typeof tokenSchema>;
export type TokenList = z.infer<typeof tokenListSchema>;
export type CreatedToken = z.infer<typeof createdTokenSchema>;
