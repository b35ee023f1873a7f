import { type Command } from 'commander';
import type { ApiReply } from '../api-client.js';
import type { CliIo } from '../cli-io.js';
import { type CliSession, onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';

const TENANT = '0198c1f0-0000-7000-8000-000000000001';
const TOKEN = '5f0c1c5a9d3e7b21';
/** Requests without progress before the command gives up. */
const MOST_IDLE = 3;

interface RollbackOptions {
  readonly tenant: string;
  /** `--token` is the caller's own. */
  readonly writer: string;
  readonly since: string;
  readonly dryRun?: boolean;
}

interface Item {
  readonly memory_id: string;
  readonly namespace: string;
  readonly coordinate: string;
  readonly action: 'delete' | 'restore' | 'keep';
  readonly version: number | null;
  readonly reason: string | null;
}

interface Rollback {
  readonly token: string;
  readonly since: string;
  readonly dry_run: boolean;
  readonly memories: readonly Item[];
  readonly links: number;
  readonly quarantined: number;
  readonly receipt_ids: readonly string[];
  readonly next_cursor: string | null;
  readonly done: boolean;
}

/** Takes back what one token wrote: page by page, and once more from the start until all is done. */
export function rollbackCommand(admin: Command, io: CliIo): void {
  const command = admin
    .command('rollback')
    .description('take back what one token wrote since a moment; revoke the token first')
    .requiredOption('--tenant <id>', 'id of the tenant')
    .requiredOption('--writer <token-id>', 'id of the token that wrote')
    .requiredOption('--since <time>', 'from when on, ISO 8601')
    .option('--dry-run', 'say what would be done, and do nothing');
  onRun<RollbackOptions>(command, io, async (session, options) => {
    const reply = await rollBack(session, options);
    session.show(reply, (result) => showResult(session, result));
  });
  withExamples(command, [
    `soma admin rollback --tenant ${TENANT} --writer ${TOKEN} --since 2026-11-21T12:00:00Z --dry-run`,
    `soma admin rollback --tenant ${TENANT} --writer ${TOKEN} --since 2026-11-21T12:00:00Z`,
  ]);
}

async function rollBack(
  session: CliSession,
  { tenant, writer: token, since, dryRun = false }: RollbackOptions,
): Promise<ApiReply<Rollback>> {
  const api = await session.api('admin');
  const path = `/admin/tenants/${encodeURIComponent(tenant)}/rollback`;
  const pages: Rollback[] = [];
  let cursor: string | undefined;
  for (let idle = 0; ;) {
    const body = jsonObject({ token, since, dry_run: dryRun, cursor });
    const reply = await api.send<Rollback>({ method: 'POST', path, body });
    const page = reply.body;
    pages.push(page);
    idle = page.next_cursor !== null || changed(page) ? 0 : idle + 1;
    cursor = page.next_cursor ?? undefined;
    if ((page.next_cursor === null && page.done) || idle === MOST_IDLE) {
      const all = together(pages, page);
      return { status: reply.status, text: JSON.stringify(all), body: all };
    }
    session.note(
      `${pages.reduce((sum, { memories }) => sum + memories.length, 0)} memories so far`,
    );
  }
}

const changed = ({ memories, links, quarantined }: Rollback): boolean =>
  links > 0 || quarantined > 0 || memories.some(({ action }) => action !== 'keep');

/** What is said of a memory last is what holds; with a dry run every page counts everything else. */
function together(pages: readonly Rollback[], last: Rollback): Rollback {
  const memories = new Map<string, Item>();
  for (const page of pages) {
    for (const item of page.memories) {
      const before = memories.get(item.memory_id);
      if (!before || before.action === 'keep') memories.set(item.memory_id, item);
    }
  }
  const sum = (name: 'links' | 'quarantined'): number =>
    last.dry_run ? last[name] : pages.reduce((total, page) => total + page[name], 0);
  return {
    ...last,
    memories: [...memories.values()],
    links: sum('links'),
    quarantined: sum('quarantined'),
    receipt_ids: pages.flatMap(({ receipt_ids }) => receipt_ids),
  };
}

function showResult(session: CliSession, result: Rollback): void {
  session.table(
    [
      { title: 'MEMORY', value: ({ memory_id }) => memory_id },
      { title: 'NAMESPACE', value: ({ namespace }) => namespace },
      { title: 'COORDINATE', value: ({ coordinate }) => coordinate },
      { title: 'ACTION', value: ({ action }) => action },
      { title: 'VERSION', value: ({ version }) => (version === null ? '' : String(version)) },
      { title: 'REASON', value: ({ reason }) => reason ?? '' },
    ],
    result.memories,
  );
  const count = (action: Item['action']): number =>
    result.memories.filter((item) => item.action === action).length;
  const would = result.dry_run ? 'would be ' : '';
  session.note(
    `${count('delete')} ${would}deleted, ${count('restore')} ${would}restored, ` +
      `${count('keep')} kept; ${result.links} links and ${result.quarantined} writes in ` +
      `quarantine ${would}removed.`,
  );
  for (const id of result.receipt_ids) session.note(`Receipt: soma deletions get ${id}`);
  if (!result.done) session.note('Not all is done: run it again.');
}
