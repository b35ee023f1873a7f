import { type Column, emptyColumn } from './column.js';
import type { DateCue } from './date-cues.js';

const WEIGHTS = { year: 1, month: 2, day: 2 } as const;
const DAY_MS = 86_400_000;
/** A day named e^-1 counts when the memory is so many days off: things are told days later. */
const DAYS_OFF = 3;

/** Share of what the best cue names (year 1, month 2, day 2) that agrees with the memory's time. */
export function dateEvidence(times: readonly number[], cues: readonly DateCue[]): Column {
  const column = emptyColumn(times.length);
  if (cues.length === 0) return column;
  times.forEach((time, i) => {
    const date = new Date(time);
    for (const cue of cues) column[i] = Math.max(column[i] ?? 0, agreement(date, cue));
  });
  return column;
}

function agreement(date: Date, { year, month, day }: DateCue): number {
  let named = 0;
  let agreed = 0;
  if (year !== undefined) {
    named += WEIGHTS.year;
    if (year === date.getUTCFullYear()) agreed += WEIGHTS.year;
  }
  if (month !== undefined) {
    named += WEIGHTS.month;
    if (month === date.getUTCMonth() + 1) agreed += WEIGHTS.month;
  }
  if (month !== undefined && day !== undefined) {
    const meant = Date.UTC(year ?? date.getUTCFullYear(), month - 1, day);
    const its = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
    named += WEIGHTS.day;
    agreed += WEIGHTS.day * Math.exp(-Math.abs(its - meant) / DAY_MS / DAYS_OFF);
  }
  if (month === undefined && day !== undefined) {
    named += WEIGHTS.day;
    if (day === date.getUTCDate()) agreed += WEIGHTS.day;
  }
  return named > 0 ? agreed / named : 0;
}
