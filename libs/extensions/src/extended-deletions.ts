import { Inject, Injectable } from '@nestjs/common';
import type { IdempotencyClaim, TenantScope } from '@soma/core';
import { ArchiveService } from '@soma/forgetting';
import { type MutationOptions, type NamespaceDeletion, NamespaceService } from '@soma/memory';
import { assertDeletable, tellDeleted } from './delete-hooks.js';
import { Extensions } from './extensions.js';

@Injectable()
export class ExtendedNamespaceService extends NamespaceService {
  @Inject(Extensions) private readonly extensions!: Extensions;

  override async delete(
    scope: TenantScope,
    namespace: string,
    claim?: IdempotencyClaim,
  ): Promise<NamespaceDeletion> {
    scope.assertNamespace(namespace);
    const order = { kind: 'namespace', namespace } as const;
    await assertDeletable(this.extensions, scope, order);
    const deletion = await super.delete(scope, namespace, claim);
    const { receipt_id: receipt } = deletion;
    tellDeleted(this.extensions, scope, { kind: 'namespace', ids: [], receipt_id: receipt });
    return deletion;
  }
}

@Injectable()
export class ExtendedArchiveService extends ArchiveService {
  @Inject(Extensions) private readonly extensions!: Extensions;

  override async delete(
    scope: TenantScope,
    id: string,
    options: MutationOptions = {},
  ): Promise<string> {
    scope.assertWholeTenant();
    await assertDeletable(this.extensions, scope, { kind: 'archived', id });
    const receipt = await super.delete(scope, id, options);
    tellDeleted(this.extensions, scope, { kind: 'archived', ids: [id], receipt_id: receipt });
    return receipt;
  }
}
