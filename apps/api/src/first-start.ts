import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppConfig } from '@soma/config';
import { TenancyService, TOKEN_SCOPES, TokenService, TokenVerifier } from '@soma/tenancy';

const FIRST_TENANT = 'default';

/** The configuration with an operator's token: the one set, else the one kept in the data folder. */
export function withAdminToken(config: AppConfig): AppConfig {
  if (config.adminToken !== undefined || config.postgres) return config;
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const path = join(config.dataDir, 'admin-token');
  const adminToken = readSecret(path) ?? firstSecret(path, randomBytes(32).toString('hex'));
  return { ...config, adminToken };
}

/** Keeps the secret, unless another process that begins at the same time has kept one just now. */
function firstSecret(path: string, secret: string): string {
  try {
    writeFileSync(path, `${secret}\n`, { mode: 0o600, flag: 'wx' });
    return secret;
  } catch (error) {
    const other = readSecret(path);
    if (other === undefined) throw error;
    return other;
  }
}

/**
 * The token an embedded service prints: made on the first start with every scope, kept in the data
 * folder with mode 600, and made anew should it have been revoked.
 */
export async function embeddedToken(
  config: AppConfig,
  tenancy: TenancyService,
  tokens: TokenService,
  verifier: TokenVerifier,
): Promise<string> {
  const path = join(config.dataDir, 'token');
  const kept = readSecret(path);
  if (kept !== undefined && (await verifier.verify(kept))) return kept;
  const operator = { kind: 'operator', tokenId: 'operator' } as const;
  const { tenants } = await tenancy.listTenants({ limit: 200 });
  const tenant =
    tenants.find(({ name }) => name === FIRST_TENANT) ??
    (await tenancy.createTenant({ name: FIRST_TENANT }));
  const request = { name: 'first start', scopes: [...TOKEN_SCOPES], quarantine: false };
  return keepSecret(path, (await tokens.create(operator, tenant.id, request)).token);
}

function readSecret(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() || undefined : undefined;
}

function keepSecret(path: string, secret: string): string {
  writeFileSync(path, `${secret}\n`, { mode: 0o600 });
  return secret;
}
