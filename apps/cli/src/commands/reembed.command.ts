import { type Command, Option } from 'commander';
import { setTimeout as wait } from 'node:timers/promises';
import type { ApiClient, ApiReply } from '../api-client.js';
import { CliError, usageError } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { type CliSession, onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-codes.js';
import { jsonObject } from '../json-text.js';
import { wholeNumber } from '../options.js';
import { ProgressBar } from '../output/progress-bar.js';
import type { Column } from '../output/table.js';

interface Model {
  readonly model: string;
  readonly state: string;
  readonly memories: number;
  readonly vectors: number;
  readonly pending: number;
  readonly untaken: number;
  readonly unindexed: number;
  readonly recall: number | null;
  readonly detail: string | null;
  readonly switch_when_ready: boolean;
}

interface Reembedding {
  readonly configured: string;
  readonly active: string;
  readonly models: readonly Model[];
}

interface Options {
  readonly model?: string;
  readonly dimension?: number;
  /** commander's: false after `--no-join-hash`, else true. */
  readonly joinHash: boolean;
  readonly switch: boolean;
  readonly wait: boolean;
  readonly switchNow?: boolean;
  readonly status?: boolean;
  readonly rollback?: boolean;
  readonly finish?: boolean;
  readonly cancel?: boolean;
}

const PATH = '/admin/reembed';
const POLL_MS = 500;
/** States in which work goes on by itself. */
const UNDER_WAY = ['building', 'switching'];
const ACTIONS = ['status', 'switchNow', 'rollback', 'finish', 'cancel'] as const;

const COLUMNS: readonly Column<Model>[] = [
  { title: 'MODEL', value: ({ model }) => model },
  { title: 'STATE', value: ({ state }) => state },
  {
    title: 'VECTORS',
    value: ({ memories, vectors }) => (memories ? `${vectors}/${memories}` : ''),
  },
  { title: 'PENDING', value: ({ pending }) => String(pending) },
  { title: 'UNINDEXED', value: ({ unindexed }) => String(unindexed) },
  { title: 'RECALL', value: ({ recall }) => recall?.toFixed(4) ?? '' },
];

export function reembedCommand(admin: Command, io: CliIo): void {
  const command = admin
    .command('reembed')
    .description('change the embedding model while searches go on; docs/embedding-models.md')
    .option('--model <name>', 'the model to change to; without it the one configured')
    .option(
      '--dimension <n>',
      "length of the model's vectors; without it as configured",
      wholeNumber,
    )
    .option('--no-join-hash', 'do not join a small model with the hash')
    .option('--no-switch', 'build and test only; switch later with --switch-now')
    .option('--no-wait', 'return at once; the work goes on')
    .addOption(new Option('--status', 'show the models and how far a change is'))
    .addOption(new Option('--switch-now', 'switch to the model that is ready'))
    .addOption(new Option('--rollback', 'go back to the model before'))
    .addOption(new Option('--finish', 'drop the model before; there is no way back then'))
    .addOption(new Option('--cancel', 'give up a change that is under way'));
  onRun<Options>(command, io, async (session, options) => {
    const api = await session.api('admin');
    const reply = await ask(api, options);
    const isLong = !options.status && !options.finish && !options.cancel && options.wait;
    const last = isLong ? await untilDone(session, api, reply) : reply;
    session.show(last, (body) => show(session, body));
    if (isLong) assertDone(last.body);
  });
  withExamples(command, [
    'soma admin reembed --model nomic-embed-text --dimension 768',
    'soma admin reembed --status',
    'soma admin reembed --rollback',
    'soma admin reembed --finish',
  ]);
}

function ask(api: ApiClient, options: Options): Promise<ApiReply<Reembedding>> {
  const asked = ACTIONS.filter((name) => options[name]);
  const [action, other] = asked;
  if (other !== undefined || (action !== undefined && options.model !== undefined)) {
    throw usageError(
      'One thing at a time: --model, --status, --switch-now, --rollback, --finish or --cancel.',
    );
  }
  if (action === 'status') return api.send({ path: PATH });
  if (action === 'cancel') return api.send({ method: 'DELETE', path: PATH });
  if (action === 'switchNow') return api.send({ method: 'POST', path: `${PATH}/switch` });
  if (action !== undefined) return api.send({ method: 'POST', path: `${PATH}/${action}` });
  const body = jsonObject({
    model: options.model,
    dimension: options.dimension,
    join_hash: options.joinHash ? undefined : false,
    switch: options.switch ? undefined : false,
  });
  return api.send({ method: 'POST', path: PATH, body });
}

const underWay = ({ models }: Reembedding): Model | undefined =>
  models.find(
    ({ state, switch_when_ready: goesOn }) =>
      UNDER_WAY.includes(state) || (state === 'ready' && goesOn),
  );

/** As long as it takes: what is done is kept, should this be interrupted. */
async function untilDone(
  session: CliSession,
  api: ApiClient,
  first: ApiReply<Reembedding>,
): Promise<ApiReply<Reembedding>> {
  let reply = first;
  for (let model = underWay(reply.body); model; model = underWay(reply.body)) {
    const { memories, vectors, state, detail } = model;
    const bar = new ProgressBar(session.io.stderr, memories);
    bar.draw(vectors, `${state} ${vectors}/${memories}${detail === null ? '' : `  ${detail}`}`);
    await wait(POLL_MS);
    reply = await api.send<Reembedding>({ path: PATH });
    bar.clear();
  }
  return reply;
}

function assertDone({ models }: Reembedding): void {
  const refused = models.find(({ state }) => state === 'refused');
  if (!refused) return;
  throw new CliError({
    exitCode: EXIT.INVALID,
    code: 'REEMBED_REFUSED',
    detail: refused.detail ?? `The index of ${refused.model} finds too little.`,
    hint: 'Searches go on with the old model. Try again with the same command, or: soma admin reembed --cancel',
  });
}

function show(session: CliSession, { configured, active, models }: Reembedding): void {
  session.table(COLUMNS, models);
  for (const { model, detail, untaken } of models) {
    if (detail !== null) session.note(`${model}: ${detail}`);
    if (untaken > 0)
      session.note(`${model}: ${untaken} memories have texts that it does not take.`);
  }
  const states = models.map(({ state }) => state);
  if (states.includes('ready')) session.note('Switch to it: soma admin reembed --switch-now');
  if (states.includes('retired')) {
    session.note('Go back with --rollback, or drop the old one with --finish.');
  }
  if (active !== configured && !states.some((state) => state !== 'active')) {
    session.note(`The configuration names ${configured}: soma admin reembed changes to it.`);
  }
}
