import { type FieldError, usageError } from '../cli-error.js';
import { type NdjsonLine } from '../ndjson.js';
import { type LabelledQuery, parseLabelledQuery } from './labelled-query.js';
import type { MatchBy } from './match-by.js';

const MOST_FAULTS_SHOWN = 20;

/** @throws CliError that lists the lines at fault; nothing is asked then. */
export async function readLabelledQueries(
  lines: AsyncIterable<NdjsonLine>,
  match: MatchBy,
): Promise<readonly LabelledQuery[]> {
  const queries: LabelledQuery[] = [];
  const faults: FieldError[] = [];
  for await (const line of lines) {
    const parsed = parseLabelledQuery(line, match);
    if (isFaults(parsed)) faults.push(...parsed);
    else queries.push(parsed);
  }
  if (faults.length > 0) throw faultyFile(faults);
  if (queries.length === 0) {
    throw usageError(
      'The file has no query.',
      'Write one a line: {"query": "what does Ada drink?", "relevant": ["1,2,3"]}',
    );
  }
  return queries;
}

function faultyFile(faults: readonly FieldError[]) {
  const more = faults.length - MOST_FAULTS_SHOWN;
  const detail = `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'} in the file.`;
  return usageError(detail, more > 0 ? `… and ${more} more.` : undefined).with({
    errors: faults.slice(0, MOST_FAULTS_SHOWN),
  });
}

const isFaults = (parsed: LabelledQuery | readonly FieldError[]): parsed is readonly FieldError[] =>
  Array.isArray(parsed);
