import { Prisma } from '../generated/client.js';

/** When a fact was true, as the queries select it. */
export interface ValidityColumn {
  readonly from: string;
  readonly to: string | null;
  readonly by: string | null;
}

/** Of a table or subquery named `m` that has the intervals of its facts itself. */
export const OWN_VALIDITY = Prisma.sql`CASE WHEN m.slot IS NOT NULL THEN
  jsonb_build_object('from', m.valid_from, 'to', m.valid_to, 'by', m.superseded_by) END`;

const FACT = Prisma.sql`facts f WHERE f.tenant_id = m.tenant_id AND f.memory_id = m.id`;

/** Of the table of memories, named `m`. */
export const VALIDITY = Prisma.sql`CASE WHEN m.slot IS NOT NULL THEN (
  SELECT jsonb_build_object('from', f.valid_from, 'to', f.valid_to, 'by', f.superseded_by)
  FROM ${FACT}) END`;

/** No newer fact has taken the place of a memory of the table, named `m`. */
export const NOT_SUPERSEDED = Prisma.sql`(m.slot IS NULL
  OR NOT EXISTS (SELECT 1 FROM ${FACT} AND f.superseded_by IS NOT NULL))`;

/** A memory of the table, named `m`, stands after no other fact, so that none returns when it goes. */
export const SUPERSEDES_NONE = Prisma.sql`(m.slot IS NULL OR NOT EXISTS (
  SELECT 1 FROM facts f WHERE f.tenant_id = m.tenant_id AND f.superseded_by = m.id))`;

/** What a memory of the table, named `m`, states was true then. */
export const validAt = (moment: Date): Prisma.Sql => Prisma.sql`(m.slot IS NULL
  OR EXISTS (SELECT 1 FROM ${FACT} AND ${holds(Prisma.sql`f`, moment)}))`;

/** The same of a subquery `m` that has the intervals of its facts itself. */
export const OWN_NOT_SUPERSEDED = Prisma.sql`(m.superseded_by IS NULL)`;
export const ownValidAt = (moment: Date): Prisma.Sql =>
  Prisma.sql`(m.slot IS NULL OR ${holds(Prisma.sql`m`, moment)})`;

const holds = (name: Prisma.Sql, moment: Date): Prisma.Sql => Prisma.sql`(
  ${name}.valid_from <= ${moment}::timestamptz
  AND (${name}.valid_to IS NULL OR ${name}.valid_to > ${moment}::timestamptz))`;
