import { type Filter, namesColumn } from '@soma/filter';

/**
 * Whether a filter asks about tiers, by `tier` or `memory_type`. Memories that the service derived for
 * the hierarchy are listed and found then, and only then.
 */
export const namesTiers = (filter: Filter | undefined): boolean =>
  filter !== undefined && namesColumn(filter, ['tier', 'memory_type']);
