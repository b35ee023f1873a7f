import {
  linkOnStoreSchema,
  coordinateSchema,
  namespaceSchema,
  DEFAULT_NAMESPACE,
} from '@soma/memory';
import { z } from 'zod';

/** Longest line, in bytes. */
export const MAX_LINE_BYTES = 256 * 1024;
export const MAX_ERRORS_SHOWN = 100;
/** So many lines fail at most, about: then the file is not what it should be. */
export const MAX_FAILED = 1_000;

/** What becomes of a line where something is already: a memory at its coordinate, or the link. */
export const ON_CONFLICT = ['skip', 'replace', 'fail'] as const;
export const STOP_REASONS = ['quota', 'errors', 'time', 'failure'] as const;

export const importQuerySchema = z.strictObject({
  namespace: namespaceSchema.default(DEFAULT_NAMESPACE),
  on_conflict: z
    .enum(ON_CONFLICT)
    .default('skip')
    .describe(
      'Of a line whose coordinate has a memory: left out (`skip`), stored as its next version ' +
        '(`replace`), or an error of the line (`fail`). Alike for links.',
    ),
  from_line: z.coerce
    .number()
    .int()
    .min(1)
    .max(2_147_483_647)
    .default(1)
    .describe('Lines before this one are passed over: the `next_line` of the answer before.'),
});

/** A line that is no memory but links two. */
export const linkLineSchema = z.strictObject({
  link: linkOnStoreSchema.extend({ from_coord: coordinateSchema }),
});

const status = z.number().int();
const count = z.number().int().min(0);

export const importResultSchema = z
  .object({
    read: count.describe('Lines judged, blank ones not counted: the sum of the four below.'),
    stored: count,
    replaced: count.describe('Stored as the next version of what was there.'),
    skipped: count,
    failed: count,
    quarantined: count.describe('Of those stored: kept apart, since the token is in quarantine.'),
    errors: z
      .array(
        z.object({
          line: z.number().int().min(1),
          status,
          code: z.string(),
          detail: z.string(),
          errors: z.array(z.object({ path: z.string(), message: z.string() })),
        }),
      )
      .describe(`Why lines failed; the first ${MAX_ERRORS_SHOWN}.`),
    next_line: z
      .number()
      .int()
      .nullable()
      .describe('Where to go on with `from_line`; all before it is done. Null at the end.'),
    stopped: z
      .object({
        reason: z.enum(STOP_REASONS),
        status: status.nullable(),
        code: z.string().nullable().describe('The error that stopped it, if one did.'),
        detail: z.string(),
      })
      .nullable()
      .describe('Why it did not come to the end of the body; null when it did.'),
  })
  .meta({
    id: 'ImportResult',
    examples: [
      {
        read: 3,
        stored: 1,
        replaced: 0,
        skipped: 1,
        failed: 1,
        quarantined: 0,
        errors: [
          {
            line: 2,
            status: 400,
            code: 'JSON_INVALID',
            detail: 'The line is not well-formed JSON.',
            errors: [],
          },
        ],
        next_line: null,
        stopped: null,
      },
    ],
  });

export type ImportQuery = z.infer<typeof importQuerySchema>;
export type ImportResult = z.infer<typeof importResultSchema>;
export type LineError = ImportResult['errors'][number];
export type StopReason = (typeof STOP_REASONS)[number];
