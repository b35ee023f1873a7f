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
  type StoreOptions,
  type StoreOutcome,
  type UpdateOptions,
} from '@soma/memory';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '../connection/database.js';
import type { Transaction } from '../connection/transaction.js';
import { RowCipher } from '../encryption/row-cipher.js';
import type { Sealing } from '../encryption/sealing.js';
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
import { memoriesOf } from './known-memories.js';
import { holdNamespaces } from './namespace-lock.js';
import { EARLIER_COLUMNS, MEMORY_COLUMNS, memoryOfRow, type MemoryRow } from './memory-row.js';
import { orderOfPage, whereAddress, wherePage, whereTarget } from './memory-where.js';
import { clearPostings, writePostings } from './postings.js';
import { quarantineDrafts } from '../quarantine/quarantine-drafts.js';
import { readValidity } from './read-validity.js';
import { stateFacts } from './state-facts.js';
import { addressKey, addressOf, isDerived, upsertMemories } from './store-memories.js';
import { takenAddresses, takenDrafts } from './taken-addresses.js';
import { updateMemory } from './update-memory.js';

@Injectable()
export class PostgresMemoryRepository extends MemoryRepository {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly cipher: RowCipher,
  ) {
    super();
  }

  store(
    scope: TenantScope,
    drafts: readonly MemoryDraft[],
    { onlyNew = false }: StoreOptions = {},
  ): Promise<StoreOutcome[]> {
    return this.database.withTenant(scope, async (transaction) => {
      const now = this.clock.now();
      const namespaces = [...new Set(drafts.map((draft) => draft.namespace))];
      await holdNamespaces(transaction, scope, Prisma.sql`unnest(${namespaces}::text[])`);
      const sealing = await this.cipher.sealing(transaction, scope);
      if (scope.writer.quarantined) {
        return quarantineDrafts(transaction, scope, drafts, { now, sealing });
      }
      const taken = onlyNew ? await takenDrafts(transaction, scope, drafts) : NONE;
      const free = drafts.filter((draft) => !taken.has(draft));
      const missing = await missingLinkTargets(transaction, scope, free);
      const stored = new Map<MemoryDraft, Memory>();
      const changes: StatisticsChange[] = [];
      for (const wave of wavesOfDistinctCoordinates(free.filter((draft) => !missing.has(draft)))) {
        changes.push(...(await this.storeWave(transaction, scope, wave, { stored, sealing })));
      }
      await countChanges(transaction, scope, changes);
      await linkDrafts(transaction, scope, stored, { now, sealing });
      return drafts.map((draft): StoreOutcome => {
        const memory = stored.get(draft);
        if (memory) return { kind: 'stored', memory };
        return taken.has(draft)
          ? { kind: 'coordinate-taken', coordinate: draft.coordinate.text }
          : { kind: 'link-target-missing', coordinate: missing.get(draft) ?? '' };
      });
    });
  }

  taken(
    scope: TenantScope,
    addresses: readonly Pick<MemoryDraft, 'namespace' | 'coordinate'>[],
  ): Promise<boolean[]> {
    return this.database.withTenant(scope, (transaction) =>
      takenAddresses(transaction, scope, addresses),
    );
  }

  find(
    scope: TenantScope,
    address: MemoryAddress,
    lock?: 'for-update',
  ): Promise<Memory | undefined> {
    const locking = lock ? Prisma.sql`FOR NO KEY UPDATE` : Prisma.empty;
    return this.database.withTenant(scope, async (transaction) => {
      const where = whereAddress(scope, address);
      if (lock) await holdNamespaces(transaction, scope, namespacesOf(where));
      const [row] = await transaction.query<MemoryRow[]>`
        SELECT ${MEMORY_COLUMNS} FROM memories m WHERE ${where} ${locking}`;
      return this.opened(scope, row);
    });
  }

  access(scope: TenantScope, address: MemoryAddress, at: Date): Promise<Memory | undefined> {
    return this.database.withTenant(
      scope,
      async (transaction) => {
        const [row] = await transaction.query<MemoryRow[]>`
          UPDATE memories m SET access_count = m.access_count + 1, last_accessed_at = ${at}
          WHERE ${whereAddress(scope, address)} RETURNING ${MEMORY_COLUMNS}`;
        return this.opened(scope, row);
      },
      { durable: false },
    );
  }

  update(
    scope: TenantScope,
    id: MemoryId,
    changes: MemoryChanges,
    { embedding, restoredFrom, isWhole = false }: UpdateOptions = {},
  ): Promise<Memory> {
    scope.assertReleasedWriter();
    return this.database.withTenant(scope, async (transaction) => {
      const where = whereTarget(scope, { kind: 'ids', ids: [id] });
      await holdNamespaces(transaction, scope, namespacesOf(where));
      const sealing = await this.cipher.sealing(transaction, scope);
      const [derived] = await transaction.query<unknown[]>`
        SELECT 1 FROM memories m WHERE ${where} AND m.derived`;
      if (derived) throw isDerived();
      const isPartial = !isWhole && restoredFrom === undefined;
      const update = { id, changes, now: this.clock.now(), isPartial, restoredFrom };
      const stored = await updateMemory(transaction, scope, update, sealing);
      const row = await this.cipher.openOne(scope, stored);
      if (!row) throw new SomaError('MEMORY_NOT_FOUND', `There is no memory of id ${id}.`);
      const settled = await stateFacts(transaction, scope, [id]);
      await readValidity(transaction, scope, [row]);
      if (embedding) {
        await clearEntries(transaction, scope, [id]);
        await writeEntries(transaction, scope, [entryRow(row, embedding)], sealing);
      } else {
        await renewEntry(transaction, scope, id);
      }
      if (LEXICAL_FIELDS.some((field) => changes[field] !== undefined)) {
        const lost = await clearPostings(transaction, scope, [id]);
        const gained = await writePostings(transaction, scope, [id]);
        settled.push(...lost, ...gained);
      }
      await countChanges(transaction, scope, settled);
      return memoryOfRow(embedding ? { ...row, embedding: stateOf(embedding) } : row);
    });
  }

  standInOf(scope: TenantScope, id: MemoryId): Promise<MemoryId | undefined> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<{ merged_into: string }[]>`
        SELECT a.merged_into FROM archived_memories a
        WHERE a.tenant_id = ${scope.tenantId}::uuid AND a.id = ${id}::uuid
          AND a.merged_into IS NOT NULL`;
      return row && memoryId(row.merged_into);
    });
  }

  list(scope: TenantScope, request: MemoryPageRequest): Promise<Memory[]> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<MemoryRow[]>`
        SELECT ${request.knownAt ? EARLIER_COLUMNS : MEMORY_COLUMNS}
        FROM ${memoriesOf(scope, request)} m
        WHERE ${wherePage(scope, request)}
        ORDER BY ${orderOfPage(request)} LIMIT ${request.limit}`;
      return (await this.cipher.open(scope, rows)).map(memoryOfRow);
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
        SELECT (SELECT count(*) FROM memories m WHERE ${where})::int
          + (SELECT count(*) FROM archived_memories m WHERE ${where})::int AS matched`;
      const rows = await transaction.query<{ id: string }[]>`
        (SELECT m.id FROM memories m WHERE ${where} ORDER BY m.id LIMIT ${limit})
        UNION ALL (SELECT m.id FROM archived_memories m WHERE ${where} ORDER BY m.id LIMIT ${limit})
        ORDER BY id LIMIT ${limit}`;
      return { matched: counted?.matched ?? 0, ids: rows.map((row) => memoryId(row.id)) };
    });
  }

  private async opened(
    scope: TenantScope,
    row: MemoryRow | undefined,
  ): Promise<Memory | undefined> {
    const plain = await this.cipher.openOne(scope, row);
    return plain && memoryOfRow(plain);
  }

  /** @returns what it changes of the namespaces' counts. */
  private async storeWave(
    transaction: Transaction,
    scope: TenantScope,
    drafts: readonly MemoryDraft[],
    { stored, sealing }: { stored: Map<MemoryDraft, Memory>; sealing: Sealing },
  ): Promise<StatisticsChange[]> {
    const now = this.clock.now();
    const written = await upsertMemories(transaction, scope, drafts, { now, sealing });
    const rows = await this.cipher.open(scope, written);
    const replaced = rows.filter((row) => row.version > 1).map((row) => row.id);
    const stating = rows.filter((row) => row.version > 1 || row.slot !== null);
    const stated = stating.map((row) => row.id);
    const changes = await stateFacts(transaction, scope, stated);
    await readValidity(transaction, scope, rows);
    if (replaced.length > 0) {
      await clearEntries(transaction, scope, replaced);
      changes.push(...(await clearPostings(transaction, scope, replaced)));
    }
    const rowByAddress = new Map(rows.map((row) => [addressKey(row), row]));
    const entries = drafts.map((draft) => {
      const row = rowByAddress.get(addressOf(draft));
      if (!row) throw new Error(`The store statement gave no row for ${addressOf(draft)}.`);
      stored.set(draft, memoryOfRow({ ...row, embedding: stateOf(draft.embedding) }));
      return entryRow(row, draft.embedding);
    });
    await writeEntries(transaction, scope, entries, sealing);
    const ids = rows.map((row) => row.id);
    return [...changes, ...(await writePostings(transaction, scope, ids))];
  }
}

const NONE: ReadonlySet<MemoryDraft> = new Set();

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

/** One statement cannot write a row twice: drafts of one coordinate go into successive waves. */
function wavesOfDistinctCoordinates(drafts: readonly MemoryDraft[]): MemoryDraft[][] {
  const waves: MemoryDraft[][] = [];
  const seen = new Map<string, number>();
  for (const draft of drafts) {
    const key = addressOf(draft);
    const wave = seen.get(key) ?? 0;
    seen.set(key, wave + 1);
    (waves[wave] ??= []).push(draft);
  }
  return waves;
}
