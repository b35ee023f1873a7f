import type { TenantId } from './ids.js';
import { SomaError } from './soma-error.js';
import { FULL_TRUST } from './trust.js';

/** Whose writes they are, and what they are worth. */
export interface Writer {
  /** Id of the token, `operator`, or `system` for background work. */
  readonly tokenId: string;
  /** The most that a memory it writes may be trusted. */
  readonly trust: number;
  /** Whether its writes are kept apart until somebody releases them. */
  readonly quarantined: boolean;
}

const SYSTEM: Writer = { tokenId: 'system', trust: FULL_TRUST, quarantined: false };

/**
 * Whose data a call may touch. Every port method takes one first, so a call without a tenant does
 * not compile. Made only from a verified token (or by background work, from a row that names its
 * tenant).
 */
export class TenantScope {
  private constructor(
    readonly tenantId: TenantId,
    /** The only namespaces that may be touched; undefined for all. */
    readonly namespaces: readonly string[] | undefined,
    readonly writer: Writer,
  ) {}

  static of(
    tenantId: TenantId,
    namespaces?: readonly string[],
    writer: Writer = SYSTEM,
  ): TenantScope {
    return new TenantScope(tenantId, namespaces, writer);
  }

  /** Whether everything in the namespace may be touched. */
  covers(namespace: string): boolean {
    return this.namespaces === undefined || this.namespaces.includes(namespace);
  }

  /** @throws SomaError NAMESPACE_FORBIDDEN, whether or not the namespace exists. */
  assertNamespace(namespace: string): void {
    if (this.covers(namespace)) return;
    throw new SomaError(
      'NAMESPACE_FORBIDDEN',
      `This token may use the namespaces ${JSON.stringify(this.namespaces)} alone; name one of ` +
        `them instead of ${JSON.stringify(namespace)}.`,
    );
  }

  /** @throws SomaError TOKEN_RIGHTS_EXCEEDED for more trust than the writer's own. */
  assertTrust(trust: number | undefined): void {
    if (trust === undefined || trust <= this.writer.trust) return;
    throw new SomaError(
      'TOKEN_RIGHTS_EXCEEDED',
      `What this token writes is trusted ${this.writer.trust} at most, not ${trust}; say less, or ` +
        'leave "trust" out.',
    );
  }

  /** @throws SomaError WRITER_QUARANTINED for a writer whose writes are kept apart. */
  assertReleasedWriter(): void {
    if (!this.writer.quarantined) return;
    throw new SomaError(
      'WRITER_QUARANTINED',
      'What this token writes is kept in quarantine, so it changes, links and deletes nothing. ' +
        'Store what is to be said anew with POST /memories, or use another token.',
    );
  }

  /** @throws SomaError NAMESPACE_FORBIDDEN for a scope that is kept to namespaces. */
  assertWholeTenant(): void {
    if (this.namespaces === undefined) return;
    throw new SomaError(
      'NAMESPACE_FORBIDDEN',
      'This is about the whole tenant, and the token is kept to namespaces; use one that is not.',
    );
  }
}
