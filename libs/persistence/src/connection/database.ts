import { AsyncLocalStorage } from 'node:async_hooks';
import { SomaError, type TenantScope } from '@soma/core';
import { Prisma, type PrismaClient } from '../generated/client.js';

export type Transaction = Prisma.TransactionClient;
export type StoreKind = 'pglite' | 'postgresql';

export interface TransactionOptions {
  /** For writes that may be lost with the machine, such as access counts. */
  readonly durable?: boolean;
}

interface OpenTransaction {
  readonly tenantId: string | undefined;
  readonly transaction: Transaction;
}

/** Below Prisma's own timeout, which is not atomic: a late statement outlives its rollback. */
const STATEMENT_TIMEOUT_MS = 10_000;
const TRANSACTION_TIMEOUT_MS = 30_000;
const CONNECTION_WAIT_MS = 10_000;

/**
 * The only door to the database. Every transaction takes a role that row-level security binds and,
 * for tenant work, the tenant that the policies compare with.
 */
export class Database {
  private readonly open = new AsyncLocalStorage<OpenTransaction>();

  constructor(
    private readonly client: PrismaClient,
    readonly kind: StoreKind,
    private readonly closeEngine: () => Promise<void> = () => Promise.resolve(),
  ) {}

  /**
   * Runs `work` in one transaction that sees and writes this tenant's rows only. Inside the
   * tenant's open transaction it joins that one.
   */
  withTenant<Result>(
    scope: TenantScope,
    work: (transaction: Transaction) => Promise<Result>,
    options: TransactionOptions = {},
  ): Promise<Result> {
    const open = this.open.getStore();
    if (open) {
      if (open.tenantId !== scope.tenantId) {
        throw new Error('A transaction of one tenant cannot be joined with another scope.');
      }
      return work(open.transaction);
    }
    return this.begin('soma_app', scope.tenantId, work, options);
  }

  /** Runs `work` across tenants, on tenants, tokens and the outbox only: no grant reaches a memory. */
  withSystem<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    if (this.open.getStore())
      throw new Error('System work cannot run inside a tenant transaction.');
    return this.begin('soma_system', undefined, work, {});
  }

  /** A round trip to the database. */
  async check(): Promise<void> {
    await this.translated(this.client.$queryRaw`SELECT 1`);
  }

  async close(): Promise<void> {
    await this.client.$disconnect();
    await this.closeEngine();
  }

  private begin<Result>(
    role: 'soma_app' | 'soma_system',
    tenantId: string | undefined,
    work: (transaction: Transaction) => Promise<Result>,
    options: TransactionOptions,
  ): Promise<Result> {
    const commit = options.durable === false ? 'off' : 'on';
    const run = this.client.$transaction(
      async (transaction) => {
        await transaction.$queryRaw`
          SELECT set_config('role', ${role}, true),
                 set_config('app.tenant', ${tenantId ?? ''}, true),
                 set_config('statement_timeout', ${String(STATEMENT_TIMEOUT_MS)}, true),
                 set_config('synchronous_commit', ${commit}, true)`;
        return this.open.run({ tenantId, transaction }, () => work(transaction));
      },
      { maxWait: CONNECTION_WAIT_MS, timeout: TRANSACTION_TIMEOUT_MS },
    );
    return this.translated(run);
  }

  private async translated<Result>(run: Promise<Result>): Promise<Result> {
    try {
      return await run;
    } catch (error) {
      throw isUnavailable(error) ? unavailable(error) : error;
    }
  }
}

const UNAVAILABLE_CODES = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2037']);
const NETWORK_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND']);

function isUnavailable(error: unknown): boolean {
  if (error instanceof Prisma.PrismaClientInitializationError) return true;
  if (!(error instanceof Error) || !('code' in error)) return false;
  const code = String(error.code);
  return UNAVAILABLE_CODES.has(code) || NETWORK_CODES.has(code);
}

function unavailable(cause: unknown): SomaError {
  return new SomaError('DEPENDENCY_UNAVAILABLE', 'The database is not answering; try again.', {
    cause,
    retryAfterSeconds: 1,
  });
}
