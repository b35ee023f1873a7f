import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { decodeCursor, encodeCursor, isUuid, SomaError, tenantId, TenantScope } from '@soma/core';
import { KeyRing } from './key-ring.js';
import { DATA_KEY_BYTES, KeyWrapper } from './key-wrapper.js';
import type {
  AppliedEncryption,
  ApplyEncryption,
  EncryptionStatus,
  RewrapKeys,
  RewrappedKeys,
  SetEncryption,
} from './encryption.schema.js';
import { APPLY_STAGES, type ApplyPlace, type ApplyStage, Reencryption } from './reencryption.js';
import { CHOSEN_FIELDS, SEALED_FIELDS, type SealedField } from './sealed-field.js';
import { type EncryptionState, TenantKeyStore, type WrappedKey } from './tenant-key-store.js';

const REWRAP_QUESTION = 'rewrap';
const TENANTS_A_STEP = 100;
const ROTATION_TRIES = 3;
/** Sorts before every id and every idempotency key. */
const START: ApplyPlace = { stage: 'memories', after: '' };
const NO_ID = '00000000-0000-0000-0000-000000000000';

/** What the operator has done about a tenant's encryption. */
@Injectable()
export class EncryptionService {
  constructor(
    private readonly store: TenantKeyStore,
    private readonly wrapper: KeyWrapper,
    private readonly ring: KeyRing,
    private readonly rows: Reencryption,
  ) {}

  /** @throws SomaError TENANT_NOT_FOUND */
  async status(tenant: string): Promise<EncryptionStatus> {
    const scope = await this.existing(tenant);
    return this.statusOf(scope, await this.store.state(scope));
  }

  /**
   * What writes encrypt from now on, in every process; what is stored already follows by `apply`.
   * @throws SomaError TENANT_NOT_FOUND, ENCRYPTION_NOT_CONFIGURED or ENCRYPTION_KEY_UNAVAILABLE.
   */
  async set(tenant: string, request: SetEncryption): Promise<EncryptionStatus> {
    const scope = await this.existing(tenant);
    const fields = fieldsOf(request);
    const { keyVersion } = await this.store.state(scope);
    const isFirst = fields.length > 0 && keyVersion === 0;
    const firstKey = isFirst ? await this.newKey(scope, 1) : undefined;
    const state = await this.store.setFields(scope, fields, firstKey);
    this.ring.forget(scope);
    return this.statusOf(scope, state);
  }

  /**
   * Gives new writes a new data key; what older ones encrypted stays readable.
   * @throws SomaError TENANT_NOT_FOUND, ENCRYPTION_NOT_CONFIGURED or ENCRYPTION_KEY_UNAVAILABLE.
   */
  async rotate(tenant: string): Promise<EncryptionStatus> {
    const scope = await this.existing(tenant);
    for (let attempt = 1; attempt <= ROTATION_TRIES; attempt++) {
      const { keyVersion } = await this.store.state(scope);
      const key = await this.newKey(scope, keyVersion + 1);
      const state = await this.store.addKey(scope, key);
      if (state) return this.statusOf(scope, state);
    }
    throw new SomaError(
      'DEPENDENCY_UNAVAILABLE',
      'The data key is being rotated by others at the same time; look at the status, then try again.',
    );
  }

  /** One step of bringing stored rows to what the policy and key say. */
  async apply(tenant: string, { cursor, limit }: ApplyEncryption): Promise<AppliedEncryption> {
    const scope = await this.existing(tenant);
    const state = await this.store.state(scope);
    const { revision } = state;
    const question = { apply: scope.tenantId, revision };
    const from =
      cursor === undefined ? START : placeOf(decodeCursor(cursor, question, isPlace).value);
    const { changed, next } = await this.rows.step(scope, from, limit);
    if (!next) await this.finish(scope, state);
    return {
      changed,
      next_cursor: next
        ? encodeCursor({ value: `${next.stage} ${next.after}`, id: NO_ID }, question)
        : null,
    };
  }

  /**
   * Wraps data keys with the current key-encryption key; no row of a memory is touched.
   * @throws SomaError TENANT_NOT_FOUND or ENCRYPTION_KEY_UNAVAILABLE.
   */
  async rewrap({ tenant, cursor }: RewrapKeys): Promise<RewrappedKeys> {
    const scopes = tenant === undefined ? await this.page(cursor) : [await this.existing(tenant)];
    const some = scopes.slice(0, TENANTS_A_STEP);
    const last = scopes.length > TENANTS_A_STEP ? some.at(-1)?.tenantId : undefined;
    let [keys, rewrapped] = [0, 0];
    for (const scope of some) {
      for (const key of await this.store.keys(scope)) {
        keys += 1;
        if (await this.rewrapOne(scope, key)) rewrapped += 1;
      }
    }
    return {
      tenants: some.length,
      keys,
      rewrapped,
      next_cursor:
        last === undefined ? null : encodeCursor({ value: last, id: last }, REWRAP_QUESTION),
    };
  }

  /**
   * Deletes the tenant's data keys: what they encrypted can never be read again. Other processes
   * that have one in use drop it within `KEY_CHECK_MS`. Joins an open transaction of the tenant.
   */
  async destroyKeys(scope: TenantScope): Promise<void> {
    await this.store.destroyKeys(scope);
    this.ring.forget(scope);
  }

  private async finish(scope: TenantScope, state: EncryptionState): Promise<void> {
    const remaining = Object.values(await this.rows.remaining(scope, state));
    if (remaining.every((rows) => rows === 0)) await this.store.markApplied(scope, state.revision);
  }

  private async rewrapOne(scope: TenantScope, key: WrappedKey): Promise<boolean> {
    const wrapped = await this.wrapper.rewrap(scope, key, key.wrapped);
    if (wrapped === key.wrapped) return false;
    await this.store.replaceWrapped(scope, key, wrapped);
    return true;
  }

  private page(cursor: string | undefined): Promise<TenantScope[]> {
    const after = cursor === undefined ? undefined : decodeCursor(cursor, REWRAP_QUESTION, isId).id;
    return this.store.tenants(
      TENANTS_A_STEP + 1,
      after === undefined ? undefined : tenantId(after),
    );
  }

  private async newKey(scope: TenantScope, version: number): Promise<WrappedKey> {
    if ((await this.wrapper.current()) === undefined) {
      throw new SomaError(
        'ENCRYPTION_NOT_CONFIGURED',
        'There is no key-encryption key: set SOMA_ENCRYPTION_KEYS or SOMA_VAULT_URL in every process.',
      );
    }
    const wrapped = await this.wrapper.wrap(scope, { version }, randomBytes(DATA_KEY_BYTES));
    return { version, wrapped };
  }

  private async statusOf(scope: TenantScope, state: EncryptionState): Promise<EncryptionStatus> {
    const keys = await this.store.keys(scope);
    return {
      tenant_id: scope.tenantId,
      policy: policyOf(state.fields),
      fields: [...state.fields],
      key_version: state.keyVersion,
      keys: keys.map(({ version, wrapped }) => ({
        version,
        wrapped_by: this.wrapper.nameOf(wrapped),
      })),
      wraps_with: (await this.wrapper.current().catch(() => undefined)) ?? null,
      applied: state.isApplied,
      remaining: await this.rows.remaining(scope, state),
      destroyed_at: state.destroyedAt?.toISOString() ?? null,
    };
  }

  private async existing(tenant: string): Promise<TenantScope> {
    const scope = TenantScope.of(tenantId(tenant.toLowerCase()));
    if (isUuid(tenant) && (await this.store.hasTenant(scope))) return scope;
    throw new SomaError('TENANT_NOT_FOUND', 'There is no tenant of that id.');
  }
}

function fieldsOf({ policy, fields = [] }: SetEncryption): readonly SealedField[] {
  if (policy === 'off') return [];
  if (policy === 'all') return SEALED_FIELDS;
  return [...CHOSEN_FIELDS.filter((field) => fields.includes(field)), 'answers'];
}

function policyOf(fields: readonly SealedField[]): SetEncryption['policy'] {
  if (fields.length === 0) return 'off';
  return fields.includes('content') ? 'all' : 'fields';
}

const isId = (value: string | number): boolean => typeof value === 'string' && isUuid(value);

const isStage = (text: string | undefined): text is ApplyStage =>
  APPLY_STAGES.some((stage) => stage === text);

const isPlace = (value: string | number): boolean => isStage(String(value).split(' ', 1)[0]);

function placeOf(value: string | number): ApplyPlace {
  const [stage, ...after] = String(value).split(' ');
  return isStage(stage) ? { stage, after: after.join(' ') } : START;
}
