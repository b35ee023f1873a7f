import type { Command } from 'commander';
import { usageError } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { fetchReceipt, type Receipt, showReceipt } from '../deletion-receipt.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import { limitOption } from '../options.js';
import type { Column } from '../output/table.js';
import { fetchPages, type PagingOptions } from '../paging.js';

interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
  readonly suspended_at?: string | null;
}

interface DeleteOptions {
  readonly yes?: boolean;
  readonly wait?: boolean;
}

const COLUMNS: readonly Column<Tenant>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'CREATED', value: ({ created_at }) => created_at },
  { title: 'SUSPENDED', value: ({ suspended_at }) => suspended_at },
];

export function tenantsCommand(program: Command, io: CliIo): void {
  const tenants = program
    .command('tenants')
    .description('create, list, suspend, resume and delete tenants (admin)')
    .helpCommand(false);
  createCommand(tenants, io);
  listCommand(tenants, io);
  getCommand(tenants, io);
  suspensionCommand(tenants, io, 'suspend', "refuse a tenant's tokens; nothing of it is deleted");
  suspensionCommand(tenants, io, 'resume', "let a suspended tenant's tokens work again");
  deleteCommand(tenants, io);
}

const pathOf = (id: string): string => `/admin/tenants/${encodeURIComponent(id)}`;

function getCommand(tenants: Command, io: CliIo): void {
  const command = tenants
    .command('get')
    .description('read a tenant')
    .argument('<id>', 'id of the tenant');
  onRun(command, io, async (session, _options, [id = '']) => {
    const api = await session.api('admin');
    const reply = await api.send<Tenant>({ path: pathOf(id) });
    session.show(reply, (tenant) => session.table(COLUMNS, [tenant]));
  });
  withExamples(command, ['soma tenants get 0198c1f0-0000-7000-8000-000000000001']);
}

function suspensionCommand(
  tenants: Command,
  io: CliIo,
  verb: 'suspend' | 'resume',
  description: string,
): void {
  const command = tenants
    .command(verb)
    .description(description)
    .argument('<id>', 'id of the tenant');
  onRun(command, io, async (session, _options, [id = '']) => {
    const api = await session.api('admin');
    const path = `${pathOf(id)}/${verb}`;
    const reply = await api.send<Tenant>({ method: 'POST', path, body: jsonObject({}) });
    session.show(reply, (tenant) => session.table(COLUMNS, [tenant]));
  });
  withExamples(command, [`soma tenants ${verb} 0198c1f0-0000-7000-8000-000000000001`]);
}

function deleteCommand(tenants: Command, io: CliIo): void {
  const command = tenants
    .command('delete')
    .description('delete a tenant with all it has; nobody can undo it')
    .argument('<id>', 'its id')
    .option('-y, --yes', 'really delete it')
    .option('--wait', 'until nothing of it is left in any store');
  onRun<DeleteOptions>(command, io, async (session, { yes, wait }, [id = '']) => {
    if (!yes) throw usageError(`Tenant ${id} would be lost with all it has; confirm with --yes.`);
    const api = await session.api('admin');
    const path = `/admin/tenants/${encodeURIComponent(id)}`;
    const begun = await api.send<Receipt>({ method: 'DELETE', path });
    const receipt = `/admin/deletions/${begun.body.id}`;
    const reply = wait ? await fetchReceipt(api, receipt, { wait }) : begun;
    session.show(reply, (shown) => showReceipt(session, shown));
  });
  withExamples(command, ['soma tenants delete 0198c1f0-0000-7000-8000-000000000001 --yes --wait']);
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
