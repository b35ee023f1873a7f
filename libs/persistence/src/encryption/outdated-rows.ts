import type { TenantScope } from '@soma/core';
import type { EncryptionState, RowCounts, SealedField } from '@soma/encryption';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';
import type { RowCipher } from './row-cipher.js';
import type { Wanted } from './sealing.js';

/** One step of a stage: at most `limit` rows whose place comes after `after`. */
export interface Reencrypting {
  readonly transaction: Transaction;
  readonly scope: TenantScope;
  readonly cipher: RowCipher;
  readonly after: string;
  readonly limit: number;
  /** In the archive's tables rather than those that are read. */
  readonly archived?: boolean;
  /** Only of these memories. */
  readonly ids?: readonly string[];
}

/** Where a step's rows are. */
export const TABLES = {
  memories: { live: Prisma.sql`memories`, archived: Prisma.sql`archived_memories` },
  versions: { live: Prisma.sql`memory_versions`, archived: Prisma.sql`archived_versions` },
  links: { live: Prisma.sql`links`, archived: Prisma.sql`archived_links` },
  vectors: { live: Prisma.sql`embeddings`, archived: Prisma.sql`archived_embeddings` },
} as const;

export const tableOf = (of: keyof typeof TABLES, { archived = false }: Reencrypting): Prisma.Sql =>
  TABLES[of][archived ? 'archived' : 'live'];

/** The condition that a step's ids make of a column. */
export const among = (column: Prisma.Sql, { ids }: Reencrypting): Prisma.Sql =>
  ids ? Prisma.sql`AND ${column} = ANY (${ids}::uuid[])` : Prisma.empty;

export const wantedOf = ({ fields, keyVersion }: EncryptionState): Wanted => ({
  fields: new Set(fields),
  version: keyVersion,
});

/** Of a table or subquery named as its first letter: rows that are not kept as wanted. */
export const OUTDATED = {
  memories: (wanted: Wanted): Prisma.Sql =>
    anyOf([
      outdated(wanted, 'content', Prisma.sql`m.sealed_content`),
      outdated(wanted, 'payload', Prisma.sql`m.sealed_payload`),
      outdated(wanted, 'metadata', Prisma.sql`m.sealed_metadata`),
      outdatedIfAny(wanted, 'content', Prisma.sql`m.prediction`, Prisma.sql`m.sealed_prediction`),
    ]),
  versions: (wanted: Wanted): Prisma.Sql =>
    anyOf([
      outdated(wanted, 'content', inSnapshot('sealed_content')),
      outdated(wanted, 'payload', inSnapshot('sealed_payload')),
      outdated(wanted, 'metadata', inSnapshot('sealed_metadata')),
      outdatedIfAny(
        wanted,
        'content',
        Prisma.sql`v.snapshot->>'prediction'`,
        inSnapshot('sealed_prediction'),
      ),
    ]),
  links: (wanted: Wanted): Prisma.Sql => outdated(wanted, 'links', Prisma.sql`l.sealed_metadata`),
  vectors: (wanted: Wanted): Prisma.Sql =>
    outdated(
      wanted,
      'vectors',
      Prisma.sql`(CASE WHEN octet_length(e.vector) % 4 <> 0 THEN e.vector END)`,
    ),
  answers: (wanted: Wanted): Prisma.Sql => Prisma.sql`(a.response IS NOT NULL
      OR a.sealed_response IS NOT NULL)
    AND ${outdated(wanted, 'answers', Prisma.sql`a.sealed_response`)}`,
  quarantined: (wanted: Wanted): Prisma.Sql =>
    outdated(wanted, 'answers', Prisma.sql`decode(q.snapshot->>'sealed', 'base64')`),
};

export async function countOutdated(
  transaction: Transaction,
  scope: TenantScope,
  wanted: Wanted,
): Promise<RowCounts> {
  const count = (table: Prisma.Sql, name: Prisma.Sql, condition: Prisma.Sql): Prisma.Sql =>
    Prisma.sql`(SELECT count(*)::int FROM ${table} ${name}
      WHERE ${name}.tenant_id = ${scope.tenantId}::uuid AND ${condition})`;
  const [row] = await transaction.query<RowCounts[]>`
    SELECT ${count(Prisma.sql`memories`, Prisma.sql`m`, OUTDATED.memories(wanted))} AS memories,
      ${count(Prisma.sql`memory_versions`, Prisma.sql`v`, OUTDATED.versions(wanted))} AS versions,
      ${count(Prisma.sql`links`, Prisma.sql`l`, OUTDATED.links(wanted))} AS links,
      ${count(Prisma.sql`embeddings`, Prisma.sql`e`, OUTDATED.vectors(wanted))} AS vectors,
      ${count(Prisma.sql`idempotency_keys`, Prisma.sql`a`, OUTDATED.answers(wanted))} AS answers,
      ${count(Prisma.sql`quarantined_writes`, Prisma.sql`q`, OUTDATED.quarantined(wanted))} AS quarantined,
      ${count(TABLES.memories.archived, Prisma.sql`m`, OUTDATED.memories(wanted))}
        AS archived_memories,
      ${count(TABLES.versions.archived, Prisma.sql`v`, OUTDATED.versions(wanted))}
        AS archived_versions,
      ${count(TABLES.links.archived, Prisma.sql`l`, OUTDATED.links(wanted))} AS archived_links,
      ${count(TABLES.vectors.archived, Prisma.sql`e`, OUTDATED.vectors(wanted))}
        AS archived_vectors`;
  if (!row) throw new Error('The outdated rows could not be counted.');
  return row;
}

/** Bytes 2 to 5 of a sealed value are the version of its key. */
function outdated(wanted: Wanted, field: SealedField, sealed: Prisma.Sql): Prisma.Sql {
  return wanted.fields.has(field)
    ? Prisma.sql`(${sealed} IS NULL
        OR substring(${sealed} FROM 2 FOR 4) <> int4send(${wanted.version}::int))`
    : Prisma.sql`(${sealed} IS NOT NULL)`;
}

/** Of a value that a row need not have: sealed, its plain column is null. */
function outdatedIfAny(
  wanted: Wanted,
  field: SealedField,
  plain: Prisma.Sql,
  sealed: Prisma.Sql,
): Prisma.Sql {
  return wanted.fields.has(field)
    ? Prisma.sql`((${plain}) IS NOT NULL
        OR substring(${sealed} FROM 2 FOR 4) <> int4send(${wanted.version}::int))`
    : Prisma.sql`(${sealed} IS NOT NULL)`;
}

const anyOf = (conditions: readonly Prisma.Sql[]): Prisma.Sql =>
  Prisma.sql`(${Prisma.join([...conditions], ' OR ')})`;

const inSnapshot = (name: string): Prisma.Sql =>
  Prisma.sql`decode(v.snapshot->>${Prisma.raw(`'${name}'`)}, 'base64')`;
