import { type Command, Option } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import { wholeNumber } from '../options.js';

const TENANT = '0198c1f0-0000-7000-8000-000000000001';

interface Kept {
  readonly memories: number;
  readonly bytes: number;
  readonly vectors: number;
  readonly links: number;
}

interface Quotas extends Kept {
  readonly embeddings_per_day: number;
  readonly requests_per_second: number;
  readonly requests_per_day: number;
  readonly policy: string;
  readonly tenant_class: string;
}

interface Usage {
  readonly kept: Kept;
  readonly quotas: Quotas;
  readonly days: readonly {
    readonly day: string;
    readonly requests: number;
    readonly searches: number;
    readonly embedding_calls: number;
    readonly embedded_texts: number;
  }[];
}

interface Verified {
  readonly tenants: number;
  readonly differing: readonly { tenant_id: string; counter: Kept; counted: Kept }[];
  readonly repaired: number;
}

interface SetOptions {
  readonly memories?: number;
  readonly bytes?: number;
  readonly vectors?: number;
  readonly links?: number;
  readonly embeddingsPerDay?: number;
  readonly requestsPerSecond?: number;
  readonly requestsPerDay?: number;
  readonly policy?: string;
  readonly tenantClass?: string;
}

const pathOf = (id: string): string => `/admin/tenants/${encodeURIComponent(id)}`;
const limited = (limit: number): string => (limit === 0 ? 'any number' : String(limit));

/** What tenants may keep and ask, what they do, and whether the counters are right. */
export function quotasCommand(admin: Command, io: CliIo): void {
  const quotas = admin
    .command('quotas')
    .description('what a tenant may keep and ask for')
    .helpCommand(false);
  usageCommand(admin, io);
  getCommand(quotas, io);
  setCommand(quotas, io);
  verifyCommand(quotas, io);
}

function usageCommand(admin: Command, io: CliIo): void {
  const command = admin
    .command('usage')
    .description('what a tenant keeps now, and what it asked for day by day')
    .argument('<tenant>', 'id of the tenant')
    .addOption(new Option('--days <n>', 'days back, today included').argParser(wholeNumber));
  onRun<{ days?: number }>(command, io, async (session, { days }, [tenant = '']) => {
    const api = await session.api('admin');
    const reply = await api.send<Usage>({ path: `${pathOf(tenant)}/usage`, query: { days } });
    session.show(reply, ({ kept, quotas, days: found }) => {
      session.details([
        ['memories', `${kept.memories} of ${limited(quotas.memories)}`],
        ['bytes', `${kept.bytes} of ${limited(quotas.bytes)}`],
        ['vectors', `${kept.vectors} of ${limited(quotas.vectors)}`],
        ['links', `${kept.links} of ${limited(quotas.links)}`],
      ]);
      session.table(
        [
          { title: 'DAY', value: ({ day }) => day },
          { title: 'REQUESTS', value: ({ requests }) => String(requests) },
          { title: 'SEARCHES', value: ({ searches }) => String(searches) },
          { title: 'EMBEDDING CALLS', value: ({ embedding_calls: calls }) => String(calls) },
          { title: 'TEXTS', value: ({ embedded_texts: texts }) => String(texts) },
        ],
        found,
      );
    });
  });
  withExamples(command, [`soma admin usage ${TENANT} --days 7`]);
}

function getCommand(quotas: Command, io: CliIo): void {
  const command = quotas
    .command('get')
    .description('the quotas of a tenant, with the defaults')
    .argument('<tenant>', 'id of the tenant');
  onRun(command, io, async (session, _options, [tenant = '']) => {
    const api = await session.api('admin');
    const reply = await api.send<{ effective: Quotas }>({ path: `${pathOf(tenant)}/quotas` });
    session.show(reply, ({ effective }) =>
      session.details(Object.entries(effective).map(([name, value]) => [name, String(value)])),
    );
  });
  withExamples(command, [`soma admin quotas get ${TENANT}`]);
}

function setCommand(quotas: Command, io: CliIo): void {
  const command = quotas
    .command('set')
    .description('set all quotas of a tenant; those left out become the default, 0 is no limit')
    .argument('<tenant>', 'id of the tenant');
  for (const name of [
    'memories',
    'bytes',
    'vectors',
    'links',
    'embeddings-per-day',
    'requests-per-second',
    'requests-per-day',
  ]) {
    command.addOption(new Option(`--${name} <n>`, 'at most so many').argParser(wholeNumber));
  }
  command.addOption(
    new Option('--policy <name>', 'what happens without room').choices(['reject', 'evict']),
  );
  command.option(
    '--tenant-class <name>',
    'what its use of models is counted under, one of SOMA_TENANT_CLASSES',
  );
  onRun<SetOptions>(command, io, async (session, options, [tenant = '']) => {
    const api = await session.api('admin');
    const body = jsonObject({
      memories: options.memories,
      bytes: options.bytes,
      vectors: options.vectors,
      links: options.links,
      embeddings_per_day: options.embeddingsPerDay,
      requests_per_second: options.requestsPerSecond,
      requests_per_day: options.requestsPerDay,
      policy: options.policy,
      tenant_class: options.tenantClass,
    });
    const path = `${pathOf(tenant)}/quotas`;
    const reply = await api.send<{ effective: Quotas }>({ method: 'PUT', path, body });
    session.show(reply, ({ effective }) =>
      session.details(Object.entries(effective).map(([name, value]) => [name, String(value)])),
    );
  });
  withExamples(command, [`soma admin quotas set ${TENANT} --memories 100000 --policy evict`]);
}

function verifyCommand(quotas: Command, io: CliIo): void {
  const command = quotas
    .command('verify')
    .description('compare the counters of what tenants keep with a recount')
    .option('--tenant <id>', 'id of one tenant; without it all of them')
    .option('--repair', 'set counters that differ');
  onRun<{ tenant?: string; repair?: boolean }>(command, io, async (session, options) => {
    const api = await session.api('admin');
    const body = jsonObject({ tenant: options.tenant, repair: options.repair });
    const reply = await api.send<Verified>({ method: 'POST', path: '/admin/quotas/verify', body });
    session.show(reply, ({ tenants, differing, repaired }) => {
      session.print(`${differing.length} of ${tenants} tenants differ, ${repaired} repaired\n`);
      for (const { tenant_id: id, counter, counted } of differing) {
        session.note(`${id}: ${JSON.stringify(counter)}, counted ${JSON.stringify(counted)}`);
      }
    });
  });
  withExamples(command, ['soma admin quotas verify', 'soma admin quotas verify --repair --json']);
}
