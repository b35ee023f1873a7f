import type { TenantScope } from '@soma/core';
import type { Deleted, DeleteOrder } from './extension.js';
import type { Extensions } from './extensions.js';
import { heeded } from './store-hooks.js';

/** @throws SomaError EXTENSION_REFUSED or EXTENSION_FAILED. */
export async function assertDeletable(
  extensions: Extensions,
  scope: TenantScope,
  order: DeleteOrder,
): Promise<void> {
  await extensions.before('beforeDelete', scope, order, onlyRefusals);
}

export function tellDeleted(extensions: Extensions, scope: TenantScope, deleted: Deleted): void {
  extensions.after('afterDelete', scope, deleted);
}

/** For hooks that may refuse and do nothing else. */
export function onlyRefusals(_input: unknown, answer: unknown): never {
  heeded(answer);
  throw new Error('This hook may answer nothing, or {refuse}.');
}
