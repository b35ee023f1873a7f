import { Injectable } from '@nestjs/common';
import { Clock, type MemoryId, memoryId, SomaError, type TenantScope } from '@soma/core';
import {
  type DeletionTarget,
  type EmbeddingOnWrite,
  type Memory,
  type MemoryAddress,
  type MemoryChanges,
  type MemoryDraft,
  type MemoryPageRequest,
  MemoryRepository,
  type StoreOutcome,
} from '@soma/memory';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '../connection/database.js';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';
import { linkDrafts, missingLinkTargets } from './draft-links.js';
import {
  clearEntries,
  type IndexEntryRow,
  renewEntry,
  stateOf,
  writeEntries,
} from './index-entries.js';
import { countChanges, type StatisticsChange } from './lexical-statistics.js';
import { holdNamespaces } from './namespace-lock.js';
import { MEMORY_COLUMNS, memoryOfRow, type MemoryRow } from './memory-row.js';
import { orderOfPage, whereAddress, wherePage, whereTarget } from './memory-where.js';
import { clearPostings, writePostings } from './postings.js';
import { upsertMemories } from './store-memories.js';
import { updateMemory } from './update-memory.js';

@Injectable()
export class PostgresMemoryRepository extends MemoryRepository {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    super();
  }

  store(scope: TenantScope, drafts: readonly MemoryDraft[]): Promise<StoreOutcome[]> {
    return this.database.withTenant(scope, async (transaction) => {
      const namespaces = [...new Set(drafts.map((draft) => draft.namespace))];
      await holdNamespaces(transaction, scope, Prisma.sql`unnest(${namespaces}::text[])`);
      const missing = await missingLinkTargets(transaction, scope, drafts);
      const stored = new Map<MemoryDraft, Memory>();
      const changes: StatisticsChange[] = [];
      for (const wave of wavesOfDistinctCoordinates(
        drafts.filter((draft) => !missing.has(draft)),
      )) {
        changes.push(...(await this.storeWave(transaction, scope, wave, stored)));
      }
      await countChanges(transaction, scope, changes);
      await linkDrafts(transaction, scope, stored, this.clock.now());
      return drafts.map((draft): StoreOutcome => {
        const memory = stored.get(draft);
        return memory
          ? { kind: 'stored', memory }
          : { kind: 'link-target-missing', coordinate: missing.get(draft) ?? '' };
      });
    });
  }

  find(
    scope: TenantScope,
    address: MemoryAddress,
    lock?: 'for-update',
  ): Promise<Memory | undefined> {
    const locking = lock ? Prisma.sql`FOR UPDATE` : Prisma.empty;
    return this.database.withTenant(scope, async (transaction) => {
      const where = whereAddress(scope, address);
      if (lock) await holdNamespaces(transaction, scope, namespacesOf(where));
      const [row] = await transaction.query<MemoryRow[]>`
        SELECT ${MEMORY_COLUMNS} FROM memories m WHERE ${where} ${locking}`;
      return row && memoryOfRow(row);
    });
  }

  access(scope: TenantScope, address: MemoryAddress, at: Date): Promise<Memory | undefined> {
    return this.database.withTenant(
      scope,
      async (transaction) => {
        const [row] = await transaction.query<MemoryRow[]>`
          UPDATE memories m SET access_count = m.access_count + 1, last_accessed_at = ${at}
          WHERE ${whereAddress(scope, address)} RETURNING ${MEMORY_COLUMNS}`;
        return row && memoryOfRow(row);
      },
      { durable: false },
    );
  }

  update(
    scope: TenantScope,
    id: MemoryId,
    changes: MemoryChanges,
    embedding?: EmbeddingOnWrite,
  ): Promise<Memory> {
    return this.database.withTenant(scope, async (transaction) => {
      const where = whereTarget(scope, { kind: 'ids', ids: [id] });
      await holdNamespaces(transaction, scope, namespacesOf(where));
      const row = await updateMemory(transaction, scope, id, changes, this.clock.now());
      if (!row) throw new SomaError('MEMORY_NOT_FOUND', `There is no memory of id ${id}.`);
      if (embedding) {
        await clearEntries(transaction, scope, [id]);
        await writeEntries(transaction, scope, [entryRow(row, embedding)]);
      } else {
        await renewEntry(transaction, scope, id, uuidv7());
      }
      if (LEXICAL_FIELDS.some((field) => changes[field] !== undefined)) {
        const lost = await clearPostings(transaction, scope, [id]);
        const gained = await writePostings(transaction, scope, [id]);
        await countChanges(transaction, scope, [...lost, ...gained]);
      }
      return memoryOfRow(embedding ? { ...row, embedding: stateOf(embedding) } : row);
    });
  }

  list(scope: TenantScope, request: MemoryPageRequest): Promise<Memory[]> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<MemoryRow[]>`
        SELECT ${MEMORY_COLUMNS} FROM memories m WHERE ${wherePage(scope, request)}
        ORDER BY ${orderOfPage(request)} LIMIT ${request.limit}`;
      return rows.map(memoryOfRow);
    });
  }

  match(
    scope: TenantScope,
    target: DeletionTarget,
    limit: number,
  ): Promise<{ matched: number; ids: MemoryId[] }> {
    return this.database.withTenant(scope, async (transaction) => {
      const where = whereTarget(scope, target);
      const [counted] = await transaction.query<{ matched: number }[]>`
        SELECT count(*)::int AS matched FROM memories m WHERE ${where}`;
      const rows = await transaction.query<{ id: string }[]>`
        SELECT m.id FROM memories m WHERE ${where} ORDER BY m.id LIMIT ${limit}`;
      return { matched: counted?.matched ?? 0, ids: rows.map((row) => memoryId(row.id)) };
    });
  }

  delete(scope: TenantScope, target: DeletionTarget): Promise<MemoryId[]> {
    return this.database.withTenant(scope, async (transaction) => {
      const where = whereTarget(scope, target);
      await holdNamespaces(transaction, scope, namespacesOf(where));
      const rows = await transaction.query<{ id: string }[]>`
        SELECT m.id FROM memories m WHERE ${where} ORDER BY m.id FOR UPDATE`;
      const ids = rows.map((row) => memoryId(row.id));
      if (ids.length === 0) return ids;
      await clearEntries(transaction, scope, ids);
      const lost = await clearPostings(transaction, scope, ids);
      await transaction.execute`
        DELETE FROM memories m
        WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = ANY (${ids}::uuid[])`;
      await countChanges(transaction, scope, lost);
      return ids;
    });
  }

  /** @returns what it changes of the namespaces' counts. */
  private async storeWave(
    transaction: Transaction,
    scope: TenantScope,
    drafts: readonly MemoryDraft[],
    stored: Map<MemoryDraft, Memory>,
  ): Promise<StatisticsChange[]> {
    const rows = await upsertMemories(transaction, scope, drafts, this.clock.now());
    const replaced = rows.filter((row) => row.version > 1).map((row) => row.id);
    const lost: StatisticsChange[] = [];
    if (replaced.length > 0) {
      await clearEntries(transaction, scope, replaced);
      lost.push(...(await clearPostings(transaction, scope, replaced)));
    }
    const rowByAddress = new Map(rows.map((row) => [addressKey(row), row]));
    const entries = drafts.map((draft) => {
      const key = addressKey({ namespace: draft.namespace, coordinate: draft.coordinate.text });
      const row = rowByAddress.get(key);
      if (!row) throw new Error(`The store statement gave no row for ${key}.`);
      stored.set(draft, memoryOfRow({ ...row, embedding: stateOf(draft.embedding) }));
      return entryRow(row, draft.embedding);
    });
    await writeEntries(transaction, scope, entries);
    const ids = rows.map((row) => row.id);
    return [...lost, ...(await writePostings(transaction, scope, ids))];
  }
}

/** What postings are made of. */
const LEXICAL_FIELDS = [
  'content',
  'tags',
  'speaker',
  'session_id',
  'occurred_at',
] as const satisfies readonly (keyof MemoryChanges)[];

/** Of the memories matched. A memory stays in its namespace. */
const namespacesOf = (where: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`(SELECT m.namespace FROM memories m WHERE ${where})`;

function entryRow(row: MemoryRow, embedding: EmbeddingOnWrite): IndexEntryRow {
  return { memoryId: row.id, namespace: row.namespace, entryId: uuidv7(), embedding };
}

function addressKey({ namespace, coordinate }: { namespace: string; coordinate: string }): string {
  return JSON.stringify([namespace, coordinate]);
}

/** One statement cannot write a row twice: drafts of one coordinate go into successive waves. */
function wavesOfDistinctCoordinates(drafts: readonly MemoryDraft[]): MemoryDraft[][] {
  const waves: MemoryDraft[][] = [];
  const seen = new Map<string, number>();
  for (const draft of drafts) {
    const key = addressKey({ namespace: draft.namespace, coordinate: draft.coordinate.text });
    const wave = seen.get(key) ?? 0;
    seen.set(key, wave + 1);
    (waves[wave] ??= []).push(draft);
  }
  return waves;
}
