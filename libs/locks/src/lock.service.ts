import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { type IdempotencyClaim, SomaError, type TenantScope, UnitOfWork } from '@soma/core';
import { hashLeaseToken, newLeaseToken } from './lease-token.js';
import type { AcquireLock, Lease, LockState, RenewLock } from './lock.schema.js';
import { LockRepository, type LockSnapshot } from './lock-repository.js';
import { WaitingLines } from './waiting-lines.js';

/** Pauses between two tries of one who waits: doubled from the first to the last, then cut by chance. */
const FIRST_PAUSE_MS = 10;
const LAST_PAUSE_MS = 100;

class HeldByAnother extends SomaError {
  readonly remainingMs: number;

  constructor(name: string, held: LockSnapshot | undefined) {
    const { owner = null, expiresAt = null, remainingMs = 0 } = held ?? {};
    const by = owner === null ? 'another' : `"${owner}"`;
    const until = expiresAt?.toISOString() ?? 'a moment ago';
    super(
      'LOCK_HELD',
      `The lock "${name}" is held by ${by} until ${until}, unless renewed or released; ` +
        'try again later, or wait with wait_ms.',
      { retryAfterSeconds: Math.max(1, Math.ceil(remainingMs / 1_000)) },
    );
    this.remainingMs = remainingMs;
  }
}

/** Locks of one tenant's agents. A lease ends by release or by itself; it outlives no `ttl_ms`. */
@Injectable()
export class LockService {
  private readonly lines = new WaitingLines();

  constructor(
    private readonly locks: LockRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Tries until the lock is granted, `wait_ms` are over or the caller is `gone`. Those who wait in
   * one process are served in their order; no connection is kept between two tries.
   * @throws SomaError LOCK_HELD
   */
  async acquire(
    scope: TenantScope,
    request: AcquireLock,
    claim?: IdempotencyClaim,
    gone?: AbortSignal,
  ): Promise<Lease> {
    assertWithinNamespaces(scope, request.name);
    const first = await this.tryOnce(scope, request, claim);
    if (!(first instanceof HeldByAnother)) return first;
    if (request.wait_ms === 0) throw first;
    const timeout = AbortSignal.timeout(request.wait_ms);
    const ended = gone ? AbortSignal.any([timeout, gone]) : timeout;
    const leave = await this.lines.join(`${scope.tenantId} ${request.name}`, ended);
    try {
      return await this.tryUntil(ended, first, () => this.tryOnce(scope, request, claim));
    } finally {
      leave();
    }
  }

  /** @throws SomaError LOCK_NOT_HELD when the lease has run out or never held this lock. */
  renew(
    scope: TenantScope,
    name: string,
    { token, ttl_ms: ttlMs }: RenewLock,
    claim?: IdempotencyClaim,
  ): Promise<LockState> {
    return this.unitOfWork.run(scope, claim, async () =>
      stillHeld(name, await this.locks.renew(scope, name, hashLeaseToken(token), ttlMs)),
    );
  }

  /** @throws SomaError LOCK_NOT_HELD when the lease has run out or never held this lock. */
  release(
    scope: TenantScope,
    name: string,
    token: string,
    claim?: IdempotencyClaim,
  ): Promise<LockState> {
    return this.unitOfWork.run(scope, claim, async () =>
      stillHeld(name, await this.locks.release(scope, name, hashLeaseToken(token))),
    );
  }

  /** @throws SomaError LOCK_NOT_FOUND when no lease was ever granted under the name. */
  async read(scope: TenantScope, name: string): Promise<LockState> {
    const snapshot = await this.locks.read(scope, name);
    if (snapshot) return stateOf(name, snapshot);
    throw new SomaError('LOCK_NOT_FOUND', `No lock "${name}" was ever held; it can be acquired.`);
  }

  private async tryUntil(
    ended: AbortSignal,
    first: HeldByAnother,
    again: () => Promise<Lease | HeldByAnother>,
  ): Promise<Lease> {
    let refusal = first;
    for (let pause = FIRST_PAUSE_MS; !ended.aborted; pause = Math.min(pause * 2, LAST_PAUSE_MS)) {
      const outcome = await again();
      if (!(outcome instanceof HeldByAnother)) return outcome;
      refusal = outcome;
      const jittered = pause * (0.5 + Math.random() / 2);
      await pauseFor(Math.min(jittered, Math.max(1, refusal.remainingMs)), ended);
    }
    throw refusal;
  }

  /** The unit of work fails with the try, so that a refusal is no answer under the idempotency key. */
  private async tryOnce(
    scope: TenantScope,
    request: AcquireLock,
    claim: IdempotencyClaim | undefined,
  ): Promise<Lease | HeldByAnother> {
    const { name, owner = null, ttl_ms: ttlMs } = request;
    const { text: token, hash: leaseHash } = newLeaseToken();
    const attempt = async (): Promise<Lease> => {
      const granted = await this.locks.acquire(scope, name, { leaseHash, owner, ttlMs });
      if (!granted) throw new HeldByAnother(name, await this.locks.read(scope, name));
      return { ...leaseOf(name, granted), token };
    };
    return this.unitOfWork.run(scope, claim, attempt).catch((error: unknown) => {
      if (error instanceof HeldByAnother) return error;
      throw error;
    });
  }
}

/** A token kept to namespaces locks names that begin with one of them, and meets no other. */
function assertWithinNamespaces(scope: TenantScope, name: string): void {
  const [namespace = ''] = name.split('/', 1);
  if (scope.covers(namespace)) return;
  throw new SomaError(
    'NAMESPACE_FORBIDDEN',
    `This token may lock names that begin with one of its namespaces and a slash, like ` +
      `"${scope.namespaces?.[0]}/${name}".`,
  );
}

async function pauseFor(milliseconds: number, ended: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal: ended }).catch(() => undefined);
}

function stillHeld(name: string, snapshot: LockSnapshot | undefined): LockState {
  if (snapshot) return stateOf(name, snapshot);
  throw new SomaError(
    'LOCK_NOT_HELD',
    `This lease does not hold the lock "${name}": it has run out, was released, or is of another ` +
      'lock. Stop what it protected, and acquire the lock anew.',
  );
}

function leaseOf(name: string, { owner, fencingToken, expiresAt }: LockSnapshot) {
  if (expiresAt === null) throw new Error('A lease was granted without an end.');
  return { name, owner, fencing_token: fencingToken, expires_at: expiresAt.toISOString() };
}

function stateOf(name: string, { held, owner, fencingToken, expiresAt }: LockSnapshot): LockState {
  return {
    name,
    held,
    owner,
    fencing_token: fencingToken,
    expires_at: expiresAt?.toISOString() ?? null,
  };
}
