/** Half-lives of memories that are not used, by their type, and how they grow with the tier. */
export interface HalfLives {
  /** Days at tier 0, by type; 0: never fades. */
  readonly days: Readonly<Record<FadingType, number>>;
  /** How many times longer each tier lasts than the one below it; at least 1. */
  readonly tierGrowth: number;
}

export const FADING_TYPES = ['episodic', 'semantic', 'summary', 'procedural'] as const;
export type FadingType = (typeof FADING_TYPES)[number];

export const DAY_MS = 86_400_000;

/** In milliseconds: days of the type, times the growth to the power of the tier. Infinity: never. */
export function halfLifeMsOf(
  { days, tierGrowth }: HalfLives,
  type: FadingType,
  tier: number,
): number {
  return days[type] === 0 ? Infinity : days[type] * DAY_MS * tierGrowth ** tier;
}

/** The same with what another sets of them instead. */
export function overlaidHalfLives(
  base: HalfLives,
  { days = {}, tierGrowth }: { days?: Partial<HalfLives['days']>; tierGrowth?: number },
): HalfLives {
  const given = Object.fromEntries(Object.entries(days).filter(([, value]) => value !== undefined));
  return { days: { ...base.days, ...given }, tierGrowth: tierGrowth ?? base.tierGrowth };
}
