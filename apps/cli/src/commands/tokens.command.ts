import { type Command, Option } from 'commander';
import type { CliIo } from '../cli-io.js';
import { type CliSession, onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import { decimal, list, wholeNumber } from '../options.js';

const SCOPES = 'memories:read, memories:write, graph:read, graph:write, admin';

interface TenantOption {
  readonly tenant: string;
}

interface CreateOptions extends TenantOption {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt?: string;
  readonly namespaces?: readonly string[];
  readonly trust?: number;
  readonly quarantine?: boolean;
}

interface RotateOptions extends TenantOption {
  readonly overlap?: number;
}

interface Token {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly namespaces?: readonly string[] | null;
  readonly trust?: number;
  readonly quarantine?: boolean;
  readonly previous_until?: string | null;
  readonly expires_at: string | null;
  readonly revoked_at?: string | null;
  readonly last_used_at?: string | null;
  readonly created_at: string;
}

type NewToken = Token & { readonly token: string; readonly tenant_id: string };

export function tokensCommand(program: Command, io: CliIo): void {
  const tokens = program
    .command('tokens')
    .description('create, list, rotate and revoke the tokens of a tenant (admin)')
    .helpCommand(false);
  createCommand(tokens, io);
  listCommand(tokens, io);
  rotateCommand(tokens, io);
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
    .option('--expires-at <time>', 'until when it is good, ISO 8601')
    .option('--namespaces <list>', 'the only ones it may touch, with commas between', list)
    .option('--trust <share>', 'most that its memories are trusted, 0 to 1', decimal)
    .option('--quarantine', 'what it stores is not found until it is released');
  onRun<CreateOptions>(command, io, async (session, options) => {
    const { name, scopes, expiresAt, namespaces, trust, quarantine } = options;
    const api = await session.api('admin');
    const rights = { scopes, namespaces, trust, quarantine };
    const body = jsonObject({ name, ...rights, expires_at: expiresAt });
    const reply = await api.send<NewToken>({ method: 'POST', path: pathOf(options), body });
    session.show(reply, (created) => showOnce(session, created));
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
          { title: 'NAMESPACES', value: ({ namespaces }) => namespaces?.join(', ') ?? 'all' },
          { title: 'TRUST', value: trustOf },
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

function rotateCommand(tokens: Command, io: CliIo): void {
  const command = tokens
    .command('rotate')
    .description('give a token a new secret; it is shown this once only')
    .argument('<token-id>', 'id of the token, from `soma tokens list`');
  withTenant(command).addOption(
    new Option(
      '--overlap <seconds>',
      'how long the old secret stays good (the API takes an hour)',
    ).argParser(wholeNumber),
  );
  onRun<RotateOptions>(command, io, async (session, options, [id = '']) => {
    const api = await session.api('admin');
    const path = `${pathOf(options)}/${encodeURIComponent(id)}/rotate`;
    const body = jsonObject({ overlap_seconds: options.overlap });
    const reply = await api.send<NewToken>({ method: 'POST', path, body });
    session.show(reply, (rotated) => {
      showOnce(session, rotated);
      session.note(`The secret before it is good until ${rotated.previous_until}.`);
    });
  });
  withExamples(command, [
    'soma tokens rotate 5f0c1c5a9d3e7b21 --tenant 0198c1f0-0000-7000-8000-000000000001 --overlap 600',
  ]);
}

const trustOf = ({ trust = 1, quarantine = false }: Token): string =>
  quarantine ? `${trust}, in quarantine` : String(trust);

function showOnce(session: CliSession, created: NewToken): void {
  session.details([
    ['token', created.token],
    ['id', created.id],
    ['name', created.name],
    ['scopes', created.scopes.join(', ')],
    ['namespaces', created.namespaces?.join(', ') ?? 'all'],
    ['trust', trustOf(created)],
    ['expires', created.expires_at ?? 'never'],
  ]);
  session.note('Keep the token now: it is not shown again. For this command: soma login');
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
