import { type Command, Option } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import {
  decimal,
  idempotencyKeyOption,
  pathOfRef,
  refOf,
  withRef,
  type RefOptions,
} from '../options.js';

interface FeedbackOptions extends RefOptions {
  readonly outcome?: string;
  readonly expected?: string;
  readonly reward?: number;
  readonly predict?: boolean;
  readonly query?: string;
  readonly idempotencyKey?: string;
}

interface Feedback {
  readonly correct: boolean | null;
  readonly reward: number;
  readonly importance_before: number;
  readonly importance_after: number;
  readonly expected: string | null;
  readonly expected_from: string | null;
  readonly prediction: { readonly state: string; readonly expected: string | null } | null;
  readonly correction: { readonly id: string; readonly content: string } | null;
}

export function feedbackCommand(program: Command, io: CliIo): void {
  const command = program
    .command('feedback')
    .description('say what a memory was worth; what it got wrong is put right');
  withRef(command)
    .option('--outcome <text>', 'what happened')
    .option(
      '--expected <text>',
      'what was expected to happen; else what was stored as --prediction',
    )
    .option('--predict', 'have the configured model say what was to be expected')
    .option('--query <text>', 'what the memory was recalled for, beside --predict')
    .addOption(
      new Option('--reward <number>', 'from -1, misleading, to 1, just right').argParser(decimal),
    )
    .addOption(idempotencyKeyOption());
  onRun<FeedbackOptions>(command, io, async (session, options, args) => {
    const { namespace, idempotencyKey, outcome, expected, reward, predict, query } = options;
    const api = await session.api();
    const reply = await api.send<Feedback>({
      method: 'POST',
      path: `${pathOfRef(refOf(options, args))}/feedback`,
      query: { namespace },
      body: jsonObject({ outcome, expected, reward, predict, query }),
      idempotencyKey,
    });
    session.show(reply, ({ correction, prediction, ...given }) =>
      session.details([
        ...(prediction ? [['predicted', prediction.expected ?? prediction.state] as const] : []),
        ...(given.expected_from === 'memory' ? [['expected', given.expected] as const] : []),
        ['reward', String(given.reward)],
        ['correct', given.correct === null ? 'not said' : String(given.correct)],
        ['importance', `${given.importance_before} -> ${given.importance_after}`],
        ['correction', correction?.id ?? 'none'],
      ]),
    );
  });
  withExamples(command, [
    'soma feedback 1.0,2.0,3.0 --reward 1',
    'soma feedback 1.0,2.0,3.0 --expected "It opens at 9" --outcome "It opens at 10"',
    'soma feedback 1.0,2.0,3.0 --outcome "It opens at 10"',
    'soma feedback 1.0,2.0,3.0 --predict --query "When does it open?" --outcome "It opens at 10"',
  ]);
}
