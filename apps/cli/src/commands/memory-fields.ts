import { type Command, Option } from 'commander';
import type { CliSession } from '../cli-session.js';
import { decimal, list, typeOption } from '../options.js';

export interface MemoryFieldOptions {
  readonly content?: string;
  readonly payload?: string;
  readonly metadata?: string;
  readonly type?: string;
  readonly tags?: readonly string[];
  readonly importance?: number;
  readonly pinned?: boolean;
  readonly dedup?: string;
  readonly prediction?: string;
  readonly expiresAt?: string;
  readonly session?: string;
  readonly speaker?: string;
  readonly occurredAt?: string;
  readonly slot?: string;
  readonly validFrom?: string;
}

/** The options that say what a memory is; `store` and `update` share them. */
export function withMemoryFields(command: Command): Command {
  return command
    .option('--content <text>', 'what is remembered, in words; - reads standard input')
    .option('-p, --payload <json>', 'a JSON object; @file and - (stdin) work too')
    .addOption(typeOption())
    .option('--tags <list>', 'tags with commas between; may be repeated', list)
    .option('--metadata <json>', 'a JSON object to filter by; @file and - (stdin) work too')
    .option('--importance <0..1>', 'importance', decimal)
    .option('--pinned', 'keep it whatever happens to its importance')
    .addOption(
      new Option(
        '--dedup <when>',
        'never: it is never merged with others that say the same',
      ).choices(['allow', 'never']),
    )
    .option('--prediction <text>', 'what is expected to happen; feedback goes by it')
    .option('--expires-at <time>', 'when it is forgotten, ISO 8601')
    .option('--session <id>', 'the session it belongs to')
    .option('--speaker <name>', 'who said it')
    .option('--occurred-at <time>', 'when it happened, ISO 8601')
    .option('--slot <name>', 'which fact it states, like ada.employer; the newest is in force')
    .option('--valid-from <time>', 'since when the fact is true, ISO 8601');
}

/** The fields of the request body; those not given are undefined. */
export async function memoryFields(
  session: CliSession,
  options: MemoryFieldOptions,
): Promise<Record<string, unknown>> {
  return {
    content: await session.text('--content', options.content),
    payload: await session.json('--payload', options.payload),
    memory_type: options.type,
    tags: options.tags,
    metadata: await session.json('--metadata', options.metadata),
    importance: options.importance,
    pinned: options.pinned,
    dedup: options.dedup,
    prediction: options.prediction,
    expires_at: options.expiresAt,
    session_id: options.session,
    speaker: options.speaker,
    occurred_at: options.occurredAt,
    slot: options.slot,
    valid_from: options.validFrom,
  };
}
