import { type Command, Option } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun, type CliSession } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import { wholeNumber } from '../options.js';
import { ProgressBar } from '../output/progress-bar.js';

interface Status {
  readonly tenant_id: string;
  readonly policy: string;
  readonly fields: readonly string[];
  readonly key_version: number;
  readonly keys: readonly { readonly version: number; readonly wrapped_by: string }[];
  readonly wraps_with: string | null;
  readonly applied: boolean;
  readonly remaining: Readonly<Record<string, number>>;
  readonly destroyed_at: string | null;
}

interface Step {
  readonly changed: number;
  readonly next_cursor: string | null;
}

interface Rewrapped {
  readonly tenants: number;
  readonly keys: number;
  readonly rewrapped: number;
  readonly next_cursor: string | null;
}

const POLICIES = ['off', 'all', 'fields'] as const;
const FIELDS = ['payload', 'metadata'] as const;

const pathOf = (tenant = '', rest = ''): string =>
  `/admin/tenants/${encodeURIComponent(tenant)}/encryption${rest}`;

/** What of a tenant is encrypted, and with which keys. */
export function encryptionCommands(admin: Command, io: CliIo): void {
  const encryption = admin
    .command('encryption')
    .description('what of a tenant is encrypted, and with which keys')
    .helpCommand(false);
  statusCommand(encryption, io);
  setCommand(encryption, io);
  applyCommand(encryption, io);
  rotateCommand(encryption, io);
  rewrapCommand(encryption, io);
}

const withTenant = (command: Command): Command => command.argument('<tenant>', 'id of the tenant');

function statusCommand(parent: Command, io: CliIo): void {
  const command = withTenant(
    parent.command('status').description('policy, keys, and rows that are not yet as they say'),
  );
  onRun(command, io, async (session, _options, [tenant]) => {
    const api = await session.api('admin');
    session.show(await api.send<Status>({ path: pathOf(tenant) }), (status) =>
      showStatus(session, status),
    );
  });
  withExamples(command, ['soma admin encryption status 0198c1f0-0000-7000-8000-000000000001']);
}

function setCommand(parent: Command, io: CliIo): void {
  const command = withTenant(
    parent.command('set').description('set what new writes of a tenant encrypt'),
  )
    .addOption(
      new Option('--policy <policy>', 'nothing, everything, or chosen fields')
        .choices(POLICIES)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--fields <names...>', 'with --policy fields: what is encrypted').choices(FIELDS),
    );
  onRun<{ policy: string; fields?: string[] }>(
    command,
    io,
    async (session, { policy, fields }, [tenant]) => {
      const api = await session.api('admin');
      const body = jsonObject({ policy, fields });
      const reply = await api.send<Status>({ method: 'PUT', path: pathOf(tenant), body });
      session.show(reply, (status) => showStatus(session, status));
    },
  );
  withExamples(command, [
    'soma admin encryption set 0198c1f0-0000-7000-8000-000000000001 --policy all',
    'soma admin encryption set 0198c1f0-0000-7000-8000-000000000001 --policy fields --fields payload',
  ]);
}

function applyCommand(parent: Command, io: CliIo): void {
  const command = withTenant(
    parent
      .command('apply')
      .description('bring what is stored to the policy and key; begun anew it goes on'),
  ).option('--batch <n>', 'rows of one step, at most 1000', wholeNumber);
  onRun<{ batch?: number }>(command, io, async (session, { batch }, [tenant]) => {
    const api = await session.api('admin');
    const { body: before } = await api.send<Status>({ path: pathOf(tenant) });
    const progress = new ProgressBar(session.io.stderr, rowsLeft(before));
    let [changed, steps] = [0, 0];
    let cursor: string | null | undefined;
    do {
      const body = jsonObject({ cursor, limit: batch });
      const path = pathOf(tenant, '/apply');
      const { body: step } = await api.send<Step>({ method: 'POST', path, body });
      changed += step.changed;
      steps += 1;
      cursor = step.next_cursor;
      progress.draw(changed, `${changed} rows written`);
    } while (cursor !== null);
    progress.clear();
    const { body: status } = await api.send<Status>({ path: pathOf(tenant) });
    session.showValue({ changed, steps, ...status }, () => {
      session.print(`${changed} rows written\n`);
      showStatus(session, status);
    });
  });
  withExamples(command, [
    'soma admin encryption apply 0198c1f0-0000-7000-8000-000000000001',
    'soma admin encryption apply 0198c1f0-0000-7000-8000-000000000001 --batch 1000 --timeout 60',
  ]);
}

function rotateCommand(parent: Command, io: CliIo): void {
  const command = withTenant(
    parent.command('rotate').description('give new writes of a tenant a new data key'),
  );
  onRun(command, io, async (session, _options, [tenant]) => {
    const api = await session.api('admin');
    const path = pathOf(tenant, '/rotate');
    session.show(await api.send<Status>({ method: 'POST', path }), (status) =>
      showStatus(session, status),
    );
  });
  withExamples(command, ['soma admin encryption rotate 0198c1f0-0000-7000-8000-000000000001']);
}

function rewrapCommand(parent: Command, io: CliIo): void {
  const command = parent
    .command('rewrap')
    .description('wrap data keys with the current key-encryption key; no memory is written')
    .option('--tenant <id>', 'id of one tenant; without it all of them');
  onRun<{ tenant?: string }>(command, io, async (session, { tenant }) => {
    const api = await session.api('admin');
    const total = { tenants: 0, keys: 0, rewrapped: 0 };
    const progress = new ProgressBar(session.io.stderr);
    let cursor: string | null | undefined;
    do {
      const body = jsonObject({ tenant, cursor });
      const path = '/admin/encryption/rewrap';
      const { body: step } = await api.send<Rewrapped>({ method: 'POST', path, body });
      total.tenants += step.tenants;
      total.keys += step.keys;
      total.rewrapped += step.rewrapped;
      cursor = step.next_cursor;
      progress.draw(0, `${total.rewrapped} of ${total.keys} keys`);
    } while (cursor !== null);
    progress.clear();
    session.showValue(total, ({ tenants, keys, rewrapped }) => {
      session.print(`${rewrapped} of ${keys} data keys of ${tenants} tenants wrapped anew\n`);
    });
  });
  withExamples(command, ['soma admin encryption rewrap', 'soma admin encryption rewrap --json']);
}

const rowsLeft = ({ remaining }: Status): number =>
  Object.values(remaining).reduce((sum, rows) => sum + rows, 0);

function showStatus(session: CliSession, status: Status): void {
  const left = Object.entries(status.remaining)
    .filter(([, rows]) => rows > 0)
    .map(([name, rows]) => `${rows} ${name}`);
  session.details([
    ['tenant', status.tenant_id],
    ['policy', status.policy],
    ['encrypts', status.fields.join(', ') || 'nothing'],
    ['data key', status.key_version === 0 ? 'none' : `version ${status.key_version}`],
    ['wrapped by', status.keys.map((key) => `${key.version}: ${key.wrapped_by}`).join('\n')],
    ['wraps with', status.wraps_with ?? 'no key-encryption key, or it is away'],
    ['to apply', left.join(', ') || 'nothing'],
    ['destroyed', status.destroyed_at],
  ]);
  if (left.length > 0) session.note(`Next: soma admin encryption apply ${status.tenant_id}`);
}
