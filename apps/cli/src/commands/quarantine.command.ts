import { type Command } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import { limitOption, list } from '../options.js';
import { type Page, fetchPages } from '../paging.js';

const TENANT = '0198c1f0-0000-7000-8000-000000000001';
const TOKEN = '5f0c1c5a9d3e7b21';

interface Write {
  readonly id: string;
  readonly namespace: string;
  readonly coordinate: string;
  readonly trust: number;
  readonly written_by: string;
  readonly written_at: string;
  readonly memory: { readonly content: string } | null;
}

interface ListOptions {
  readonly tenant: string;
  readonly writer?: string;
  readonly namespace?: string;
  readonly limit?: number;
  readonly cursor?: string;
  readonly all?: boolean;
}

interface TargetOptions {
  readonly tenant: string;
  readonly ids?: readonly string[];
  readonly writer?: string;
  readonly since?: string;
}

interface Released {
  readonly released: readonly string[];
  readonly failed: readonly { id: string; error: { code: string; detail: string } }[];
  readonly remaining: number;
}

interface Rejected {
  readonly deleted: number;
  readonly remaining: number;
  readonly receipt_id: string | null;
}

/** What tokens in quarantine stored: seen, released or deleted. */
export function quarantineCommand(admin: Command, io: CliIo): void {
  const quarantine = admin
    .command('quarantine')
    .description('what untrusted tokens stored, which nothing finds until it is released')
    .helpCommand(false);
  listCommand(quarantine, io);
  releaseCommand(quarantine, io);
  rejectCommand(quarantine, io);
}

const pathOf = (tenant: string): string =>
  `/admin/tenants/${encodeURIComponent(tenant)}/quarantine`;

const withTenant = (command: Command): Command =>
  command.requiredOption('--tenant <id>', 'id of the tenant');

const withTarget = (command: Command): Command =>
  withTenant(command)
    .option('--ids <list>', 'ids of writes, with commas between', list)
    .option('--writer <token-id>', 'all that this token wrote')
    .option('--since <time>', 'with --writer: from then on, ISO 8601');

const bodyOf = ({ ids, writer: token, since }: TargetOptions) => jsonObject({ ids, token, since });

function listCommand(quarantine: Command, io: CliIo): void {
  const command = quarantine
    .command('list')
    .description('list what is in quarantine, oldest first');
  withTenant(command)
    .option('--writer <token-id>', 'only what this token wrote')
    .option('--namespace <name>', 'only of this namespace')
    .addOption(limitOption())
    .option('--cursor <cursor>', 'go on where a page ended')
    .option('--all', 'every page');
  onRun<ListOptions>(command, io, async (session, options) => {
    const { tenant, writer: token, namespace } = options;
    const api = await session.api('admin');
    const request = { path: pathOf(tenant), query: { token, namespace }, items: 'writes' } as const;
    const reply = await fetchPages<'writes', Write>(api, request, options);
    session.show(reply, ({ writes, next_cursor }: Page<'writes', Write>) => {
      session.table(
        [
          { title: 'ID', value: ({ id }) => id },
          { title: 'NAMESPACE', value: (write) => write.namespace },
          { title: 'COORDINATE', value: ({ coordinate }) => coordinate },
          { title: 'TRUST', value: ({ trust }) => String(trust) },
          { title: 'TOKEN', value: ({ written_by }) => written_by },
          { title: 'WRITTEN', value: ({ written_at }) => written_at },
          { title: 'CONTENT', value: ({ memory }) => memory?.content ?? '' },
        ],
        writes,
      );
      if (next_cursor) session.note(`More with: --cursor ${next_cursor}`);
    });
  });
  withExamples(command, [`soma admin quarantine list --tenant ${TENANT} --writer ${TOKEN}`]);
}

function releaseCommand(quarantine: Command, io: CliIo): void {
  const command = quarantine
    .command('release')
    .description('make memories of writes in quarantine');
  withTarget(command);
  onRun<TargetOptions>(command, io, async (session, options) => {
    const request = {
      method: 'POST',
      path: `${pathOf(options.tenant)}/release`,
      body: bodyOf(options),
    } as const;
    const reply = await session.sendLong<Released>('admin', 'releasing', request);
    session.show(reply, ({ released, failed, remaining }) => {
      session.print(`${released.length} released, ${failed.length} failed\n`);
      for (const { id, error } of failed) session.note(`${id}: ${error.detail}`);
      if (remaining > failed.length) session.note(`${remaining} are still in: run it again.`);
    });
  });
  withExamples(command, [
    `soma admin quarantine release --tenant ${TENANT} --ids 019aa5a0-1111-7000-8000-000000000001`,
    `soma admin quarantine release --tenant ${TENANT} --writer ${TOKEN} --since 2026-11-21T12:00:00Z`,
  ]);
}

function rejectCommand(quarantine: Command, io: CliIo): void {
  const command = quarantine
    .command('reject')
    .description('delete writes in quarantine, with a receipt');
  withTarget(command);
  onRun<TargetOptions>(command, io, async (session, options) => {
    const request = {
      method: 'POST',
      path: `${pathOf(options.tenant)}/reject`,
      body: bodyOf(options),
    } as const;
    const reply = await session.sendLong<Rejected>('admin', 'deleting', request);
    session.show(reply, ({ deleted, remaining, receipt_id: receipt }) => {
      session.print(`${deleted} deleted\n`);
      if (receipt !== null) session.note(`Receipt: soma deletions get ${receipt}`);
      if (remaining > 0) session.note(`${remaining} are still in: run it again.`);
    });
  });
  withExamples(command, [`soma admin quarantine reject --tenant ${TENANT} --writer ${TOKEN}`]);
}
