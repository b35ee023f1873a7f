import { z } from 'zod';
import type { FieldError } from '../cli-error.js';
import type { NdjsonLine } from '../ndjson.js';
import type { MatchBy } from './match-by.js';

/** One line of the file: a question, and the keys of the memories that answer it. */
export interface LabelledQuery {
  readonly line: number;
  readonly query: string;
  /** Each once; none for a question that nothing answers. */
  readonly relevant: readonly string[];
  readonly namespace?: string;
  readonly filter?: Readonly<Record<string, unknown>>;
  readonly at?: string;
  readonly category?: string;
  readonly id?: string;
}

const label = z.union([z.string().min(1), z.number()], {
  error: 'must be a text or a number',
});

const lineSchema = z.strictObject({
  query: z.string().refine((text) => text.trim() !== '', 'must not be blank'),
  relevant: z.array(label),
  namespace: z.string().min(1).optional(),
  filter: z.record(z.string(), z.unknown()).optional(),
  at: z.iso
    .datetime({ offset: true, error: 'must be a time like 2026-07-01T09:00:00Z' })
    .optional(),
  category: z.string().min(1).optional(),
  id: z.union([z.string(), z.number()], { error: 'must be a text or a number' }).optional(),
});

const FIELDS = Object.keys(lineSchema.shape).join(', ');

/** What a line says, or everything that is wrong with it, each with the number of the line. */
export function parseLabelledQuery(
  { number: line, text }: NdjsonLine,
  match: MatchBy,
): LabelledQuery | readonly FieldError[] {
  const fault = (message: string): FieldError[] => [{ path: `line ${line}`, message }];
  if (text === undefined) return fault('is not UTF-8');
  const json = jsonOrNothing(text);
  if (!json) return fault('is not JSON');
  const parsed = lineSchema.safeParse(json.value);
  if (!parsed.success) return parsed.error.issues.flatMap((issue) => fault(messageOf(issue)));
  const { relevant, id, ...rest } = parsed.data;
  const keys = relevant.map((name) => ({ name, key: match.keyOf(name) }));
  const unusable = keys.filter(({ key }) => key === undefined);
  if (unusable.length > 0) {
    return unusable.flatMap(({ name }) =>
      fault(`relevant: ${JSON.stringify(name)} is not ${match.expects}`),
    );
  }
  return {
    ...rest,
    line,
    id: id === undefined ? undefined : String(id),
    relevant: [...new Set(keys.flatMap(({ key }) => key ?? []))],
  };
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => JSON.stringify(key)).join(', ');
    return `unknown field ${names}; allowed are: ${FIELDS}`;
  }
  const [field, ...inner] = issue.path.map(String);
  if (field === undefined) return `is not a JSON object like {"query": "…", "relevant": ["…"]}`;
  const place = inner.length > 0 ? `${field}[${inner.join('.')}]` : field;
  return `${place}: ${issue.message}`;
}

function jsonOrNothing(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
