import type { Command } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import { limitOption } from '../options.js';
import type { Column } from '../output/table.js';
import { fetchPages, type PagingOptions } from '../paging.js';

interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
}

const COLUMNS: readonly Column<Tenant>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'CREATED', value: ({ created_at }) => created_at },
];

export function tenantsCommand(program: Command, io: CliIo): void {
  const tenants = program
    .command('tenants')
    .description('create and list tenants (admin)')
    .helpCommand(false);
  createCommand(tenants, io);
  listCommand(tenants, io);
}

function createCommand(tenants: Command, io: CliIo): void {
  const command = tenants
    .command('create')
    .description('create a tenant')
    .argument('<name>', 'its name');
  onRun(command, io, async (session, _options, [name]) => {
    const api = await session.api('admin');
    const body = jsonObject({ name });
    const reply = await api.send<Tenant>({ method: 'POST', path: '/admin/tenants', body });
    session.show(reply, (tenant) => {
      session.table(COLUMNS, [tenant]);
      session.note(
        `Next: soma tokens create --tenant ${tenant.id} --name <name> --scopes memories:read,memories:write`,
      );
    });
  });
  withExamples(command, ['soma tenants create acme']);
}

function listCommand(tenants: Command, io: CliIo): void {
  const command = tenants
    .command('list')
    .description('list the tenants')
    .addOption(limitOption())
    .option('--cursor <cursor>', 'go on where a page ended')
    .option('--all', 'every page');
  onRun<PagingOptions>(command, io, async (session, options) => {
    const api = await session.api('admin');
    const request = { path: '/admin/tenants', items: 'tenants' } as const;
    const reply = await fetchPages<'tenants', Tenant>(api, request, options);
    session.show(reply, ({ tenants: found, next_cursor }) => {
      session.table(COLUMNS, found);
      if (next_cursor) session.note(`More with: --cursor ${next_cursor}   (or --all)`);
    });
  });
  withExamples(command, ['soma tenants list --all']);
}
