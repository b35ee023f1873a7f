import type { QuotaConfig } from '@soma/config';
import { SomaError } from '@soma/core';

/** What tenants may keep that have no quota of their own; 0: any number. */
export type Quotas = Pick<QuotaConfig, 'memories' | 'bytes' | 'vectors' | 'links' | 'policy'>;

export const NO_QUOTAS: Quotas = { memories: 0, bytes: 0, vectors: 0, links: 0, policy: 'reject' };

/** In the order in which the database counts them. */
const KEPT = ['memories', 'bytes', 'vectors', 'links'] as const;

/** Raised by settle_usage() of the migration "quotas". */
const QUOTA_EXCEEDED = 'SM507';

interface Excess {
  readonly place: number;
  readonly limit: number;
  readonly used: number;
  readonly adds: number;
  readonly policy: Quotas['policy'] | null;
}

/** A write for which a tenant has no room; nothing of it is kept. */
export class NoRoom extends SomaError {
  readonly kept: (typeof KEPT)[number];
  /** The quota, and by how much the write would grow what it is about. */
  readonly limit: number;
  readonly adds: number;

  constructor(
    { place, limit, used, adds }: Excess,
    readonly policy: Quotas['policy'],
    cause: unknown,
  ) {
    const kept = KEPT[place - 1] ?? 'memories';
    super(
      'QUOTA_EXCEEDED',
      `The tenant may keep ${limit} ${kept} and has ${used}; ${adds} more do not fit, and nothing ` +
        `was written. Delete what is no longer needed, or ask the operator for a higher quota.`,
      { cause },
    );
    this.kept = kept;
    this.limit = limit;
    this.adds = adds;
  }
}

/** As settle_usage() reads them: trusted numbers only. */
export function defaultsOf(quotas: Quotas): string {
  return `{${KEPT.map((name) => Math.trunc(quotas[name])).join(',')}}`;
}

/** @throws NoRoom in place of what the database raises. */
export async function translateQuota<Result>(
  defaults: Quotas,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    const excess = excessOf(error);
    throw excess ? new NoRoom(excess, excess.policy ?? defaults.policy, error) : error;
  }
}

function excessOf(error: unknown): Excess | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== QUOTA_EXCEEDED) {
    return undefined;
  }
  const detail = 'detail' in error ? String(error.detail) : '';
  return JSON.parse(detail) as Excess;
}
