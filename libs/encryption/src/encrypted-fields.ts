import { Injectable } from '@nestjs/common';
import { noteLookup, SomaError, type TenantId, type TenantScope } from '@soma/core';
import { type Filter, namesMetadata } from '@soma/filter';
import { LRUCache } from 'lru-cache';
import type { SealedField } from './sealed-field.js';
import { TenantKeyStore } from './tenant-key-store.js';

const CACHE_MS = 5_000;
const MOST_TENANTS = 10_000;

/** What search and filters have to do without, because it is encrypted. */
@Injectable()
export class EncryptedFields {
  private readonly cached = new LRUCache<TenantId, readonly SealedField[]>({
    max: MOST_TENANTS,
    ttl: CACHE_MS,
  });

  constructor(private readonly store: TenantKeyStore) {}

  /** Whether contents may be encrypted, at most five seconds ago. */
  async hidesContent(scope: TenantScope): Promise<boolean> {
    const known = this.cached.get(scope.tenantId);
    noteLookup('encrypted-fields', known ? 1 : 0, known ? 0 : 1);
    const fields = known ?? (await this.held(scope));
    return fields.includes('content');
  }

  /**
   * Refuses a filter that would pass over what is encrypted without a word.
   * @throws SomaError FIELD_ENCRYPTED
   */
  async assertFilterable(scope: TenantScope, filter: Filter | undefined): Promise<void> {
    if (!filter || !namesMetadata(filter)) return;
    if (!(await this.held(scope)).includes('metadata')) return;
    throw new SomaError(
      'FIELD_ENCRYPTED',
      'The metadata of this tenant is encrypted and cannot be filtered by; filter by tags, types, ' +
        'times, speaker or session instead.',
    );
  }

  /** @throws SomaError FIELD_ENCRYPTED for a search that asks for words alone. */
  async assertWordsAreSearched(scope: TenantScope): Promise<void> {
    if (!(await this.held(scope)).includes('content')) return;
    throw new SomaError(
      'FIELD_ENCRYPTED',
      'The contents of this tenant are encrypted, and their words are in no index: the recipe ' +
        '"lexical" finds nothing there. Take another recipe.',
    );
  }

  private async held(scope: TenantScope): Promise<readonly SealedField[]> {
    const { held } = await this.store.state(scope);
    this.cached.set(scope.tenantId, held);
    return held;
  }
}
