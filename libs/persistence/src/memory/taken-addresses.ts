import type { TenantScope } from '@soma/core';
import type { MemoryDraft } from '@soma/memory';
import type { Transaction } from '../connection/transaction.js';
import { NOT_EXPIRED } from './memory-row.js';
import { addressOf } from './store-memories.js';

type Address = Pick<MemoryDraft, 'namespace' | 'coordinate'>;

/** Of each address whether there is a memory. */
export async function takenAddresses(
  transaction: Transaction,
  scope: TenantScope,
  addresses: readonly Address[],
): Promise<boolean[]> {
  const namespaces = addresses.map(({ namespace }) => namespace);
  const coordinates = addresses.map(({ coordinate }) => coordinate.text);
  const rows = await transaction.query<{ position: number }[]>`
    SELECT asked.position::int AS position
    FROM unnest(${namespaces}::text[], ${coordinates}::text[])
      WITH ORDINALITY AS asked (namespace, coordinate, position), LATERAL (
        SELECT 1 FROM memories m
        WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.namespace = asked.namespace
          AND m.coordinate = asked.coordinate AND ${NOT_EXPIRED} LIMIT 1) found`;
  const taken = new Set(rows.map(({ position }) => position));
  return addresses.map((_, index) => taken.has(index + 1));
}

/** Drafts whose place is taken, by a memory or by a draft before them. */
export async function takenDrafts(
  transaction: Transaction,
  scope: TenantScope,
  drafts: readonly MemoryDraft[],
): Promise<Set<MemoryDraft>> {
  const isTaken = await takenAddresses(transaction, scope, drafts);
  const seen = new Set<string>();
  return new Set(
    drafts.filter((draft, index) => {
      const address = addressOf(draft);
      const isSecond = seen.has(address);
      seen.add(address);
      return isSecond || isTaken[index];
    }),
  );
}
