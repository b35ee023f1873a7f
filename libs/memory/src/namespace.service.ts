import { Injectable } from '@nestjs/common';
import {
  decodeCursor,
  encodeCursor,
  type IdempotencyClaim,
  SomaError,
  type TenantScope,
  UnitOfWork,
} from '@soma/core';
import { carryOn, MemoryDeletions } from './memory-deletions.js';
import { NamespaceRepository } from './namespace-repository.js';
import type {
  ListNamespaces,
  Namespace,
  NamespaceDeletion,
  NamespacePage,
  SetNamespace,
} from './namespace.schema.js';

/** Memories of a namespace up to which its language can be changed in one transaction. */
export const MOST_REDERIVED = 20_000;

@Injectable()
export class NamespaceService {
  constructor(
    private readonly namespaces: NamespaceRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly deletions: MemoryDeletions,
  ) {}

  async list(scope: TenantScope, { limit, cursor }: ListNamespaces): Promise<NamespacePage> {
    const { tenantId } = scope;
    const question = { tenant: tenantId, list: 'namespaces' };
    const after =
      cursor === undefined ? undefined : String(decodeCursor(cursor, question, isName).value);
    const found = await this.namespaces.list(scope, limit + 1, after);
    const last = found.length > limit ? found[limit - 1] : undefined;
    return {
      namespaces: found.slice(0, limit),
      next_cursor: last ? encodeCursor({ value: last.namespace, id: tenantId }, question) : null,
    };
  }

  /** @throws SomaError NAMESPACE_NOT_FOUND when it never held a memory nor was given a language. */
  async get(scope: TenantScope, namespace: string): Promise<Namespace> {
    scope.assertNamespace(namespace);
    const found = await this.namespaces.find(scope, namespace);
    if (found) return found;
    throw new SomaError('NAMESPACE_NOT_FOUND', `There is no namespace "${namespace}".`);
  }

  /**
   * Sets the language; one that is set already changes nothing.
   * @throws SomaError NAMESPACE_TOO_LARGE above MOST_REDERIVED memories.
   */
  set(
    scope: TenantScope,
    namespace: string,
    { language }: SetNamespace,
    claim?: IdempotencyClaim,
  ): Promise<Namespace> {
    scope.assertNamespace(namespace);
    return this.unitOfWork.run(scope, claim, async () => {
      const current = await this.namespaces.find(scope, namespace, 'for-update');
      if (current?.language === language) return current;
      if (current && current.memories > MOST_REDERIVED) throw tooLarge(current);
      return this.namespaces.setLanguage(scope, namespace, language);
    });
  }

  /**
   * Deletes a namespace with all that it held when the deletion began, its language included.
   * @throws SomaError NAMESPACE_NOT_FOUND when it never held a memory nor was given a language.
   */
  async delete(
    scope: TenantScope,
    namespace: string,
    claim?: IdempotencyClaim,
  ): Promise<NamespaceDeletion> {
    scope.assertNamespace(namespace);
    const { matched, begun } = await this.unitOfWork.run(scope, claim, async () => {
      const { memories } = await this.get(scope, namespace);
      const target = { kind: 'namespace', namespace } as const;
      const progress = await this.deletions.begin(scope, { kind: 'namespace', target });
      if (!progress) throw new Error('A namespace was not deleted.');
      return { matched: memories, begun: progress };
    });
    const { deleted, receipt_id } = await carryOn(this.deletions, scope, begun);
    return { namespace, matched, deleted, receipt_id };
  }
}

const isName = (value: string | number): boolean => typeof value === 'string';

function tooLarge({ namespace, memories, language }: Namespace): SomaError {
  return new SomaError(
    'NAMESPACE_TOO_LARGE',
    `The namespace "${namespace}" has ${memories} memories; its language (${language}) can be ` +
      `changed up to ${MOST_REDERIVED}. Set the language of a new namespace and store them there.`,
  );
}
