import type { Command } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun, type CliSession } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import { limitOption } from '../options.js';
import { auditCommand } from './audit.command.js';
import type { Column } from '../output/table.js';
import { backupCommand, restoreCommand } from './backup.command.js';
import { logLevelCommand } from './log-level.command.js';
import { reembedCommand } from './reembed.command.js';
import { quotasCommand } from './quotas.command.js';
import { quarantineCommand } from './quarantine.command.js';
import { rollbackCommand } from './rollback.command.js';
import { tenantsCommand } from './tenants.command.js';
import { tokensCommand } from './tokens.command.js';
import { encryptionCommands } from './encryption.command.js';

interface TenantReport {
  readonly tenant_id: string;
  readonly expected: number;
  readonly waiting: number;
  readonly indexed: number;
  readonly missing: number;
  readonly orphans: number;
  readonly repaired: number;
}

interface Report {
  readonly finished_at: string;
  readonly dry_run: boolean;
  readonly tenants: readonly TenantReport[];
}

interface Counts {
  readonly tenant_id: string;
  readonly stored: number;
  readonly waiting: number;
  readonly indexed: number;
}

interface Consistency {
  readonly last_run: Report | null;
  readonly tenants: readonly Counts[];
  readonly next_cursor: string | null;
}

interface Queued {
  readonly tenants: number;
  readonly queued: number;
}

interface TenantOption {
  readonly tenant?: string;
}

const REPORT_COLUMNS: readonly Column<TenantReport>[] = [
  { title: 'TENANT', value: ({ tenant_id }) => tenant_id },
  { title: 'EXPECTED', value: ({ expected }) => String(expected) },
  { title: 'WAITING', value: ({ waiting }) => String(waiting) },
  { title: 'INDEXED', value: ({ indexed }) => String(indexed) },
  { title: 'MISSING', value: ({ missing }) => String(missing) },
  { title: 'ORPHANS', value: ({ orphans }) => String(orphans) },
  { title: 'REPAIRED', value: ({ repaired }) => String(repaired) },
];

const COUNT_COLUMNS: readonly Column<Counts>[] = [
  { title: 'TENANT', value: ({ tenant_id }) => tenant_id },
  { title: 'STORED', value: ({ stored }) => String(stored) },
  { title: 'WAITING', value: ({ waiting }) => String(waiting) },
  { title: 'INDEXED', value: ({ indexed }) => String(indexed) },
];

export function adminCommand(program: Command, io: CliIo): void {
  const admin = program
    .command('admin')
    .description('tenants and tokens; the index, its model, backups, encryption and the audit')
    .helpCommand(false);
  consistencyCommand(admin, io);
  reconcileCommand(admin, io);
  reindexCommand(admin, io);
  backupCommand(admin, io);
  restoreCommand(admin, io);
  reembedCommand(admin, io);
  auditCommand(admin, io);
  tenantsCommand(admin, io);
  tokensCommand(admin, io);
  quotasCommand(admin, io);
  quarantineCommand(admin, io);
  rollbackCommand(admin, io);
  encryptionCommands(admin, io);
  logLevelCommand(admin, io);
}

const withTenant = (command: Command): Command =>
  command.option('--tenant <id>', 'id of one tenant; without it all of them');

function consistencyCommand(admin: Command, io: CliIo): void {
  const command = admin
    .command('consistency')
    .description('what the last comparison found, and counts made now')
    .addOption(limitOption())
    .option('--cursor <cursor>', 'go on where a page ended');
  onRun<{ limit?: number; cursor?: string }>(command, io, async (session, { limit, cursor }) => {
    const api = await session.api('admin');
    const query = { limit, cursor };
    const reply = await api.send<Consistency>({ path: '/admin/consistency', query });
    session.show(reply, ({ last_run, tenants, next_cursor }) => {
      session.table(COUNT_COLUMNS, tenants);
      if (next_cursor) session.note(`More with: --cursor ${next_cursor}`);
      if (last_run) session.note(`Last compared at ${last_run.finished_at}: ${summary(last_run)}`);
      else session.note('Never compared yet: soma admin reconcile');
    });
  });
  withExamples(command, ['soma admin consistency', 'soma admin consistency --json']);
}

function reconcileCommand(admin: Command, io: CliIo): void {
  const command = admin
    .command('reconcile')
    .description('compare the index with the database, and repair what differs');
  withTenant(command).option('--dry-run', 'compare, and repair nothing');
  onRun<TenantOption & { dryRun?: boolean }>(command, io, async (session, options) => {
    const body = jsonObject({ tenant: options.tenant, dry_run: options.dryRun });
    const request = { method: 'POST', path: '/admin/reconcile', body } as const;
    const reply = await session.sendLong<Report>('admin', 'comparing', request);
    session.show(reply, (report) => showReport(session, report));
  });
  withExamples(command, [
    'soma admin reconcile --dry-run',
    'soma admin reconcile --tenant 0198c1f0-0000-7000-8000-000000000001',
  ]);
}

function reindexCommand(admin: Command, io: CliIo): void {
  const command = admin
    .command('reindex')
    .description('write every stored vector to the index anew, without the embedding model');
  withTenant(command);
  onRun<TenantOption>(command, io, async (session, { tenant }) => {
    const body = jsonObject({ tenant });
    const request = { method: 'POST', path: '/admin/reindex', body } as const;
    const reply = await session.sendLong<Queued>('admin', 'queueing', request);
    session.show(reply, ({ tenants, queued }) => {
      session.print(`${queued} vectors of ${tenants} tenants queued\n`);
      session.note('Until they are indexed they are WAITING in: soma admin consistency');
    });
  });
  withExamples(command, [
    'soma admin reindex --tenant 0198c1f0-0000-7000-8000-000000000001',
    'soma admin reindex',
  ]);
}

function showReport(session: CliSession, report: Report): void {
  session.table(REPORT_COLUMNS, report.tenants);
  session.note(summary(report));
}

function summary({ tenants, dry_run }: Report): string {
  const sum = (name: 'missing' | 'orphans' | 'repaired'): number =>
    tenants.reduce((total, tenant) => total + tenant[name], 0);
  const found = `${sum('missing')} missing, ${sum('orphans')} orphans`;
  return dry_run ? `${found}; nothing was repaired.` : `${found}; ${sum('repaired')} repaired.`;
}
