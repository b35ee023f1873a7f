import { AsyncLocalStorage } from 'node:async_hooks';
import { isUuid, type TenantScope } from '@soma/core';
import type { Prisma, PrismaClient } from '../generated/client.js';
import { isDeadlock, translateFailure } from './database-failure.js';
import type { SqlEngine } from './sql-engine.js';
import { Transaction } from './transaction.js';

export type StoreKind = 'pglite' | 'postgresql';

export interface TransactionOptions {
  /** False for writes that may be lost with the machine, such as access counts. */
  readonly durable?: boolean;
}

interface OpenTransaction {
  readonly tenantId: string;
  readonly transaction: Transaction;
}

/** Below Prisma's own timeout, which is not atomic: a late statement outlives its rollback. */
const STATEMENT_TIMEOUT_MS = 10_000;
const SYSTEM_TIMEOUT_MS = 30_000;
const CONNECTION_WAIT_MS = 10_000;
const DEADLOCK_TRIES = 3;

/**
 * The only door to the database. Every transaction takes a role that row-level security binds and,
 * for tenant work, the tenant that the policies compare with.
 */
export class Database {
  private readonly open = new AsyncLocalStorage<OpenTransaction>();

  constructor(
    private readonly engine: SqlEngine,
    private readonly client: PrismaClient,
    readonly kind: StoreKind,
    private readonly onClosed: () => void = () => {},
  ) {}

  /**
   * Runs `work` in one transaction that sees and writes this tenant's rows only, and once more from
   * the start if it lost a deadlock. Inside the tenant's open transaction it joins that one.
   */
  withTenant<Result>(
    scope: TenantScope,
    work: (transaction: Transaction) => Promise<Result>,
    options: TransactionOptions = {},
  ): Promise<Result> {
    const { tenantId } = scope;
    const open = this.open.getStore();
    if (open) {
      if (open.tenantId === tenantId) return work(open.transaction);
      throw new Error('A transaction of one tenant cannot be joined with another scope.');
    }
    const setUp = tenantSetUp(tenantId, options);
    return translateFailure(() =>
      this.retryingDeadlocks(() =>
        this.engine.transaction(setUp, (connection) => {
          const transaction = new Transaction(connection);
          return this.open.run({ tenantId, transaction }, () => work(transaction));
        }),
      ),
    );
  }

  /** Runs `work` across tenants, on tenants, tokens and the outbox only: no grant reaches a memory. */
  withSystem<Result>(
    work: (transaction: Prisma.TransactionClient) => Promise<Result>,
  ): Promise<Result> {
    if (this.open.getStore()) {
      throw new Error('System work cannot run inside a tenant transaction.');
    }
    return translateFailure(() =>
      this.client.$transaction(
        async (transaction) => {
          await transaction.$queryRaw`
            SELECT set_config('role', 'soma_system', true), set_config('app.tenant', '', true),
              set_config('statement_timeout', ${String(STATEMENT_TIMEOUT_MS)}, true)`;
          return work(transaction);
        },
        { maxWait: CONNECTION_WAIT_MS, timeout: SYSTEM_TIMEOUT_MS },
      ),
    );
  }

  /** A round trip to the database. */
  async check(): Promise<void> {
    await translateFailure(() => this.client.$queryRaw`SELECT 1`);
  }

  async close(): Promise<void> {
    await this.client.$disconnect();
    await this.engine.close();
    this.onClosed();
  }

  private async retryingDeadlocks<Result>(run: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await run();
      } catch (error) {
        if (attempt === DEADLOCK_TRIES || !isDeadlock(error)) throw error;
      }
    }
  }
}

/** One statement, so that setting up costs one round trip; the tenant is the only part not fixed. */
function tenantSetUp(tenantId: string, { durable = true }: TransactionOptions): string {
  if (!isUuid(tenantId)) throw new Error('A tenant scope holds no tenant id.');
  return `SELECT set_config('role', 'soma_app', true),
    set_config('app.tenant', '${tenantId}', true),
    set_config('statement_timeout', '${STATEMENT_TIMEOUT_MS}', true),
    set_config('synchronous_commit', '${durable ? 'on' : 'off'}', true)`;
}
