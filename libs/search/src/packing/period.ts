const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** Days, in UTC, that a memory tells of. */
export interface Period {
  /** The first day, and the last where it is another: `2026-05-02 to 2026-05-04`. */
  readonly days: string;
  readonly year: string;
  /** The same without the year they begin in, in few tokens: `2 May`, `30 Dec to 2 Jan 2027`. */
  readonly short: string;
}

/** Takes ISO 8601 in UTC. */
export function periodOf(from: string, to: string): Period {
  const [first, last] = [from.slice(0, 10), to.slice(0, 10)];
  const year = yearOf(first);
  if (first === last) return { days: first, year, short: shortOf(first) };
  const ending = yearOf(last) === year ? '' : ` ${yearOf(last)}`;
  return {
    days: `${first} to ${last}`,
    year,
    short: `${shortOf(first)} to ${shortOf(last)}${ending}`,
  };
}

const yearOf = (day: string): string => day.slice(0, 4);

const shortOf = (day: string): string =>
  `${Number(day.slice(8))} ${MONTHS[Number(day.slice(5, 7)) - 1]}`;
