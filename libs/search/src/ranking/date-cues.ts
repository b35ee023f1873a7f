import { en } from 'chrono-node';

/** What a query says of a date; a part it leaves open is undefined. Months count from 1. */
export interface DateCue {
  year?: number;
  month?: number;
  day?: number;
}

const MONTHS =
  'january february march april may june july august september october november december'.split(
    ' ',
  );
const YEAR = /\b(?:19|20)\d\d\b/g;
const RELATIVE = /\b(ago|last|next|this|yesterday|today|tomorrow|now|past)\b/i;
/** "on the 3rd": a day of whatever month. */
const BARE_DAY = /\bon the ([12]?\d|3[01])(?:st|nd|rd|th)\b/i;
const IDEOGRAPHIC_DATE =
  /(?:((?:19|20)\d\d)年)?(?:(1[0-2]|[1-9])月(?:([12]\d|3[01]|[1-9])[日号])?)?/g;
/** In lower case these are months only after one of BEFORE_MONTH. */
const VERBS = /^(?:may|march)$/;
const BEFORE_MONTH = '(?:in|last|of|this|next|during|early|late|mid|since|until|by)';
/** Longer queries are messages; a date deep inside them is not looked for. */
const MOST_CHARACTERS = 4_000;

/**
 * Dates named by a query, by chrono-node; then months ("last May": the latest May before `at`) and
 * years by themselves, which chrono passes over. Relative dates need `at`; days are those of UTC.
 */
export function dateCues(query: string, at: number | undefined): DateCue[] {
  const text = query.slice(0, MOST_CHARACTERS);
  const cues = [...parsed(text, at), ...ideographic(text)];
  if (!cues.some(({ month }) => month !== undefined)) cues.push(...bareMonths(text));
  const day = BARE_DAY.exec(text)?.[1];
  if (cues.length === 0 && day) cues.push({ day: Number(day) });
  if (at !== undefined) for (const cue of cues) setLastYear(cue, text, at);
  const years = cues.some(({ year }) => year !== undefined) ? [] : (text.match(YEAR) ?? []);
  for (const found of years) {
    const year = Number(found);
    if (cues.length === 0) cues.push({ year });
    for (const cue of cues) cue.year ??= year;
  }
  return cues;
}

function parsed(text: string, at: number | undefined): DateCue[] {
  const cues: DateCue[] = [];
  for (const found of en.parse(text, { instant: new Date(at ?? 0), timezone: 0 })) {
    if (VERBS.test(found.text)) continue;
    if (at === undefined && RELATIVE.test(found.text)) continue;
    for (const part of found.end ? [found.start, found.end] : [found.start]) {
      if (!part.isCertain('month') && !part.isCertain('day')) continue;
      const cue: DateCue = {};
      for (const unit of ['year', 'month', 'day'] as const) {
        const value = part.isCertain(unit) ? part.get(unit) : null;
        if (value !== null) cue[unit] = value;
      }
      cues.push(cue);
    }
  }
  return cues;
}

/** "2023年5月3日", or a part of it. */
function ideographic(text: string): DateCue[] {
  if (!/[年月]/.test(text)) return [];
  return [...text.matchAll(IDEOGRAPHIC_DATE)].flatMap(([found, year, month, day]) => {
    if (!found) return [];
    const cue: DateCue = {};
    if (year) cue.year = Number(year);
    if (month) cue.month = Number(month);
    if (day) cue.day = Number(day);
    return [cue];
  });
}

function bareMonths(text: string): DateCue[] {
  return MONTHS.flatMap((name, index) => {
    const lead = VERBS.test(name) ? `${BEFORE_MONTH} ` : '';
    const named = new RegExp(String.raw`\b${lead}${name}\b`, 'i').test(text);
    return named ? [{ month: index + 1 }] : [];
  });
}

/** "last May": the year of the latest May before the month of `at`. */
function setLastYear(cue: DateCue, text: string, at: number): void {
  const { month, year, day } = cue;
  const name = month === undefined ? undefined : MONTHS[month - 1];
  if (month === undefined || !name || year !== undefined || day !== undefined) return;
  if (!new RegExp(String.raw`\blast ${name}\b`, 'i').test(text)) return;
  const now = new Date(at);
  cue.year = now.getUTCFullYear() - (month - 1 < now.getUTCMonth() ? 0 : 1);
}
