import type { Command } from 'commander';
import { CliError } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-codes.js';
import { limitOption } from '../options.js';
import { exportAudit, type ExportOptions } from './export-audit.js';
import type { Column } from '../output/table.js';
import { fetchPages, type PagingOptions } from '../paging.js';

interface AuditEvent {
  readonly sequence: number | null;
  readonly occurred_at: string;
  readonly actor: string;
  readonly action: string;
  readonly target_kind: string;
  readonly target: string;
  readonly source: string;
  readonly outcome: string;
}

interface Verification {
  readonly tenant_id: string;
  readonly intact: boolean;
  readonly events: number;
  readonly purged: number;
  readonly waiting: number;
  readonly head: string;
  readonly broken_at: number | null;
}

interface FilterOptions {
  readonly tenant: string;
  readonly action?: string;
  readonly actor?: string;
  readonly memory?: string;
  readonly since?: string;
  readonly until?: string;
}

type ListOptions = FilterOptions & PagingOptions;

const COLUMNS: readonly Column<AuditEvent>[] = [
  { title: 'NUMBER', value: ({ sequence }) => String(sequence ?? '-'), align: 'right' },
  { title: 'TIME', value: ({ occurred_at }) => occurred_at },
  { title: 'ACTOR', value: ({ actor }) => actor },
  { title: 'ACTION', value: ({ action }) => action },
  { title: 'TARGET', value: ({ target_kind, target }) => `${target_kind} ${target}` },
  { title: 'FROM', value: ({ source }) => source },
  { title: 'OUTCOME', value: ({ outcome }) => outcome },
];

const withTenant = (command: Command): Command =>
  command.requiredOption(
    '--tenant <id>',
    'id of the tenant, which may be gone; `service` for what is of none',
  );

const withFilter = (command: Command): Command =>
  withTenant(command)
    .option('--action <name>', 'only these, like memories.search')
    .option('--actor <id>', 'only by this token, by its id; or `operator`, `system`')
    .option('--memory <id>', 'only what wrote, deleted or showed this memory')
    .option('--since <time>', 'from this moment on, like 2026-11-21T12:00:00Z')
    .option('--until <time>', 'before this moment');

const queryOf = ({ tenant, action, actor, memory, since, until }: FilterOptions) => ({
  tenant,
  action,
  token: actor,
  memory,
  since,
  until,
});

/** Below `soma admin`. */
export function auditCommand(admin: Command, io: CliIo): void {
  const audit = admin
    .command('audit')
    .description('who did what to which thing, when and from where')
    .helpCommand(false);
  listCommand(audit, io);
  exportCommand(audit, io);
  verifyCommand(audit, io);
}

function listCommand(audit: Command, io: CliIo): void {
  const command = audit
    .command('list', { isDefault: true })
    .description("a tenant's events, newest first");
  withFilter(command)
    .addOption(limitOption())
    .option('--cursor <cursor>', 'go on where a page ended')
    .option('--all', 'every page');
  onRun<ListOptions>(command, io, async (session, options) => {
    const api = await session.api('admin');
    const request = { path: '/admin/audit', query: queryOf(options), items: 'events' } as const;
    const reply = await fetchPages<'events', AuditEvent>(api, request, options);
    session.show(reply, ({ events, next_cursor }) => {
      session.table(COLUMNS, events);
      if (next_cursor) session.note(`More with: --cursor ${next_cursor}   (or --all)`);
    });
  });
  withExamples(command, [
    'soma admin audit --tenant 0198c1f0-0000-7000-8000-000000000001',
    'soma admin audit --tenant 0198c1f0-0000-7000-8000-000000000001 --memory 0198c1f0-0000-7000-8000-000000000002 --all',
  ]);
}

function exportCommand(audit: Command, io: CliIo): void {
  const command = audit
    .command('export')
    .description("a tenant's events, oldest first, one JSON object a line");
  withFilter(command)
    .option('--out <file>', 'where to; without it they are printed')
    .option('--force', 'write over a file of that name');
  onRun<FilterOptions & ExportOptions>(command, io, async (session, options) => {
    await exportAudit(session, queryOf(options), options);
  });
  withExamples(command, [
    'soma admin audit export --tenant 0198c1f0-0000-7000-8000-000000000001 --out audit.ndjson',
    'soma admin audit export --tenant service | jq -r .action | sort | uniq -c',
  ]);
}

function verifyCommand(audit: Command, io: CliIo): void {
  const command = audit
    .command('verify')
    .description("recompute the chain of a tenant's events; fails when one was changed");
  withTenant(command);
  onRun<{ tenant: string }>(command, io, async (session, { tenant }) => {
    const api = await session.api('admin');
    const reply = await api.send<Verification>({ path: '/admin/audit/verify', query: { tenant } });
    session.show(reply, ({ intact, events, purged, waiting, head, broken_at }) => {
      const before = purged === 0 ? '' : ` after ${purged} purged`;
      session.print(
        intact
          ? `intact: ${events} events${before}, ${waiting} to be chained\n`
          : `BROKEN at event ${broken_at}; ${events} before it are intact\n`,
      );
      session.note(`Head: ${head}`);
    });
    if (!reply.body.intact) throw brokenChain(reply.body);
  });
  withExamples(command, ['soma admin audit verify --tenant 0198c1f0-0000-7000-8000-000000000001']);
}

const brokenChain = ({ tenant_id, broken_at }: Verification): CliError =>
  new CliError({
    exitCode: EXIT.INVALID,
    code: 'AUDIT_BROKEN',
    detail: `The audit of tenant ${tenant_id} was changed at event ${broken_at}.`,
    hint: 'Keep this database as it is, and compare it with a backup.',
  });
