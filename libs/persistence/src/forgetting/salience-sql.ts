import { DAY_MS, FADING_TYPES, type HalfLives, REINFORCEMENT } from '@soma/hierarchy';
import { Prisma } from '../generated/client.js';

/** Of a table or subquery named `m`: no legal hold keeps it. */
export const NOT_HELD = Prisma.sql`NOT EXISTS (SELECT 1 FROM legal_holds h
  WHERE h.tenant_id = m.tenant_id AND h.memory_id = m.id)`;

/** Below these nothing counts, and the database would refuse to compute it. */
const LEAST = { importance: 1e-100, exponent: -600 };

/** Milliseconds since the last use before `at`, else since creation, of a table named `m`. */
export function idleSql(at: Date): Prisma.Sql {
  return Prisma.sql`(extract(epoch FROM ${at}::timestamptz - (CASE
    WHEN m.last_accessed_at <= ${at}::timestamptz THEN greatest(m.last_accessed_at, m.created_at)
    ELSE m.created_at END))::float8 * 1000)`;
}

/**
 * The formula of `salienceAt` in libs/hierarchy, of a table named `m` whose rows are not held. A test
 * holds the two to each other.
 */
export function salienceSql({ days, tierGrowth }: HalfLives, at: Date): Prisma.Sql {
  const ofType = FADING_TYPES.map(
    (type) =>
      Prisma.sql`WHEN ${type} THEN ${days[type] === 0 ? Infinity : days[type] * DAY_MS}::float8`,
  );
  const halfLife = Prisma.sql`((CASE m.memory_type ${Prisma.join(ofType, ' ')} END)
    * power(${tierGrowth}::float8, m.tier::float8))`;
  const accesses = Prisma.sql`(CASE WHEN m.last_accessed_at <= ${at}::timestamptz
    THEN m.access_count ELSE 0 END)`;
  const lasting = Prisma.sql`(${halfLife}
    * (1 + ${REINFORCEMENT}::float8 * ln((1 + ${accesses})::float8) / ln(2::float8)))`;
  return Prisma.sql`(CASE
    WHEN m.created_at > ${at}::timestamptz OR m.importance < ${LEAST.importance}::float8 THEN 0::float8
    WHEN m.pinned THEN m.importance
    ELSE m.importance * power(2::float8, greatest(${LEAST.exponent}::float8, -${idleSql(at)} / ${lasting}))
  END)`;
}
