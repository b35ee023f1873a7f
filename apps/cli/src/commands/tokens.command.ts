import type { Command } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import { list } from '../options.js';

const SCOPES = 'memories:read, memories:write, graph:read, graph:write, admin';

interface TenantOption {
  readonly tenant: string;
}

interface CreateOptions extends TenantOption {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt?: string;
}

interface Token {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expires_at: string | null;
  readonly revoked_at?: string | null;
  readonly last_used_at?: string | null;
  readonly created_at: string;
}

type NewToken = Token & { readonly token: string; readonly tenant_id: string };

export function tokensCommand(program: Command, io: CliIo): void {
  const tokens = program
    .command('tokens')
    .description('create, list and revoke the tokens of a tenant (admin)')
    .helpCommand(false);
  createCommand(tokens, io);
  listCommand(tokens, io);
  revokeCommand(tokens, io);
}

const withTenant = (command: Command): Command =>
  command.requiredOption('--tenant <id>', 'id of the tenant, from `soma tenants list`');

const pathOf = ({ tenant }: TenantOption): string =>
  `/admin/tenants/${encodeURIComponent(tenant)}/tokens`;

function createCommand(tokens: Command, io: CliIo): void {
  const command = tokens.command('create').description('make a token; it is shown this once only');
  withTenant(command)
    .requiredOption('--name <name>', 'what or whom it is for')
    .requiredOption('--scopes <list>', `with commas between: ${SCOPES}`, list)
    .option('--expires-at <time>', 'until when it is good, ISO 8601');
  onRun<CreateOptions>(command, io, async (session, options) => {
    const { name, scopes, expiresAt } = options;
    const api = await session.api('admin');
    const body = jsonObject({ name, scopes, expires_at: expiresAt });
    const reply = await api.send<NewToken>({ method: 'POST', path: pathOf(options), body });
    session.show(reply, (created) => {
      session.details([
        ['token', created.token],
        ['id', created.id],
        ['name', created.name],
        ['scopes', created.scopes.join(', ')],
        ['expires', created.expires_at ?? 'never'],
      ]);
      session.note('Keep the token now: it is not shown again. For this command: soma login');
    });
  });
  withExamples(command, [
    'soma tokens create --tenant 0198c1f0-0000-7000-8000-000000000001 --name agent --scopes memories:read,memories:write',
  ]);
}

function listCommand(tokens: Command, io: CliIo): void {
  const command = tokens
    .command('list')
    .description('list the tokens of a tenant, without secrets');
  withTenant(command);
  onRun<TenantOption>(command, io, async (session, options) => {
    const api = await session.api('admin');
    const reply = await api.send<{ tokens: readonly Token[] }>({ path: pathOf(options) });
    session.show(reply, ({ tokens: found }) =>
      session.table(
        [
          { title: 'ID', value: ({ id }) => id },
          { title: 'NAME', value: ({ name }) => name },
          { title: 'SCOPES', value: ({ scopes }) => scopes.join(', ') },
          { title: 'EXPIRES', value: ({ expires_at }) => expires_at ?? 'never' },
          { title: 'REVOKED', value: ({ revoked_at }) => revoked_at },
          { title: 'LAST USED', value: ({ last_used_at }) => last_used_at },
        ],
        found,
      ),
    );
  });
  withExamples(command, ['soma tokens list --tenant 0198c1f0-0000-7000-8000-000000000001']);
}

function revokeCommand(tokens: Command, io: CliIo): void {
  const command = tokens
    .command('revoke')
    .description('make a token useless, everywhere within seconds')
    .argument('<token-id>', 'id of the token, from `soma tokens list`');
  withTenant(command);
  onRun<TenantOption>(command, io, async (session, options, [id = '']) => {
    const api = await session.api('admin');
    const path = `${pathOf(options)}/${encodeURIComponent(id)}`;
    const reply = await api.send<undefined>({ method: 'DELETE', path });
    session.show(reply, () => session.print('1 revoked\n'), { revoked: 1 });
  });
  withExamples(command, [
    'soma tokens revoke 0198c1f0-0000-7000-8000-000000000002 --tenant 0198c1f0-0000-7000-8000-000000000001',
  ]);
}
