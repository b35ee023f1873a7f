import { AsyncLocalStorage } from 'node:async_hooks';
import type { CopiedDatabase } from '@soma/backup';
import { type CallOutcome, isUuid, SomaError, type TenantScope, timedCall } from '@soma/core';
import { NO_TRACING, type SpanDescription, type Tracing } from '@soma/tracing';
import type { Prisma, PrismaClient } from '../generated/client.js';
import { type DatabaseFailure, isDeadlock, translateFailure } from './database-failure.js';
import { defaultsOf, NO_QUOTAS, type Quotas, translateQuota } from './quota-failure.js';
import type { SqlEngine } from './sql-engine.js';
import { Transaction } from './transaction.js';

export type StoreKind = 'pglite' | 'postgresql';

export interface TransactionOptions {
  /** False for writes that may be lost with the machine, such as access counts. */
  readonly durable?: boolean;
}

/** What whoever opened the database wants to know of it. */
export interface DatabaseEvents {
  readonly onClosed?: () => void;
  readonly onFailure?: (reason: DatabaseFailure) => void;
  readonly tracing?: Tracing;
}

interface OpenTransaction {
  readonly scope: TenantScope;
  readonly transaction: Transaction;
}

/** Below Prisma's own timeout, which is not atomic: a late statement outlives its rollback. */
const STATEMENT_TIMEOUT_MS = 10_000;
const SYSTEM_TIMEOUT_MS = 30_000;
const CONNECTION_WAIT_MS = 10_000;
const DEADLOCK_TRIES = 3;

const transactionOf = (of: string): SpanDescription => ({
  name: `postgresql ${of} transaction`,
  kind: 'client',
  attributes: { 'db.system.name': 'postgresql', 'soma.transaction': of },
});
const TRANSACTIONS = { tenant: transactionOf('tenant'), system: transactionOf('system') };

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
    private readonly quotas: Quotas = NO_QUOTAS,
    private readonly events: DatabaseEvents = {},
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
    const open = this.open.getStore();
    if (open) {
      if (isSameScope(open.scope, scope)) return work(open.transaction);
      throw new Error('A transaction of one tenant cannot be joined with another scope.');
    }
    const setUp = tenantSetUp(scope, this.quotas, options);
    return this.timed('tenant', () =>
      this.retryingDeadlocks(() =>
        translateQuota(this.quotas, () =>
          this.traced('tenant', (traceparent) =>
            this.engine.transaction(setUp + traceparent, (connection) => {
              const transaction = new Transaction(connection);
              return this.open.run({ scope, transaction }, () => work(transaction));
            }),
          ),
        ),
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
    return this.timed('system', () =>
      this.traced('system', () =>
        this.client.$transaction(
          async (transaction) => {
            await transaction.$queryRaw`
              SELECT set_config('role', 'soma_system', true), set_config('app.tenant', '', true),
                set_config('statement_timeout', ${String(STATEMENT_TIMEOUT_MS)}, true)`;
            return work(transaction);
          },
          { maxWait: CONNECTION_WAIT_MS, timeout: SYSTEM_TIMEOUT_MS },
        ),
      ),
    );
  }

  /** A round trip to the database. */
  async check(): Promise<void> {
    await this.translating(() => this.client.$queryRaw`SELECT 1`);
  }

  /**
   * The whole database, all tenants together: for the operator's backup alone.
   * @throws SomaError BACKUP_ELSEWHERE on PostgreSQL.
   */
  copy(): Promise<CopiedDatabase> {
    return this.engine.copy();
  }

  async close(): Promise<void> {
    await this.client.$disconnect();
    await this.engine.close();
    this.events.onClosed?.();
  }

  /** Tells the transaction which trace what it queues belongs to, by an addition to its set-up. */
  private traced<Result>(
    of: keyof typeof TRANSACTIONS,
    run: (setUp: string) => Promise<Result>,
  ): Promise<Result> {
    const { tracing = NO_TRACING } = this.events;
    return tracing.within(TRANSACTIONS[of], () => {
      const traceparent = tracing.traceparent();
      return run(
        traceparent === undefined ? '' : `, set_config('app.traceparent', '${traceparent}', true)`,
      );
    });
  }

  private timed<Result>(
    operation: keyof typeof TRANSACTIONS,
    run: () => Promise<Result>,
  ): Promise<Result> {
    const call = { dependency: this.kind, operation };
    return timedCall(call, () => this.translating(run), outcomeOf);
  }

  private translating<Result>(run: () => Promise<Result>): Promise<Result> {
    return translateFailure(run, this.events.onFailure);
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

/** What is refused or rolled back was done by a database that is well. */
const outcomeOf = (error: unknown): CallOutcome =>
  error instanceof SomaError && error.code === 'DEPENDENCY_UNAVAILABLE' ? 'failed' : 'ok';

function isSameScope(left: TenantScope, right: TenantScope): boolean {
  return (
    left.tenantId === right.tenantId &&
    JSON.stringify(left.namespaces) === JSON.stringify(right.namespaces)
  );
}

/** One statement, so that setting up costs one round trip; only the scope is not fixed. */
function tenantSetUp(
  scope: TenantScope,
  quotas: Quotas,
  { durable = true }: TransactionOptions,
): string {
  const { tenantId, namespaces } = scope;
  if (!isUuid(tenantId)) throw new Error('A tenant scope holds no tenant id.');
  const role = namespaces ? 'soma_scoped' : 'soma_app';
  return `SELECT set_config('role', '${role}', true),
    set_config('app.tenant', '${tenantId}', true), ${namespaces ? keptTo(namespaces) : ''}
    set_config('app.quotas', '${defaultsOf(quotas)}', true),
    set_config('statement_timeout', '${STATEMENT_TIMEOUT_MS}', true),
    set_config('synchronous_commit', '${durable ? 'on' : 'off'}', true)`;
}

/** Names are a client's text: as hexadecimal digits they cannot be anything else. */
function keptTo(namespaces: readonly string[]): string {
  const digits = Buffer.from(JSON.stringify(namespaces)).toString('hex');
  return `set_config('app.namespaces', convert_from(decode('${digits}', 'hex'), 'UTF8'), true),`;
}
