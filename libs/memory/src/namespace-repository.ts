import type { TenantScope } from '@soma/core';
import type { Language, Namespace } from './namespace.schema.js';

/** Namespaces of a tenant: those that hold, or held, a memory, or were given a language. */
export abstract class NamespaceRepository {
  /** By name, those after `after`. */
  abstract list(scope: TenantScope, limit: number, after?: string): Promise<Namespace[]>;
  /** With `lock`, nobody writes a memory of the namespace until the commit. */
  abstract find(
    scope: TenantScope,
    namespace: string,
    lock?: 'for-update',
  ): Promise<Namespace | undefined>;
  /**
   * Sets the language and derives the words of every memory of the namespace anew; makes the
   * namespace if there is none. The caller holds its lock.
   */
  abstract setLanguage(
    scope: TenantScope,
    namespace: string,
    language: Language,
  ): Promise<Namespace>;
}
