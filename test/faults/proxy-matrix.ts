import { join } from 'node:path';
import { FaultProxy, PROXY_FAULTS } from './harness/fault-proxy.ts';
import type { ProxyFault } from './harness/fault-proxy.ts';
import { Load } from './harness/load.ts';
import type { OwnServers } from './harness/own-servers.ts';
import { pause } from './harness/pause.ts';
import { faultReport } from './harness/report.ts';
import type { FaultReport } from './harness/report.ts';
import { Service } from './harness/service.ts';
import { startStubEmbedder, stubEmbedderSettings } from './harness/stub-embedder.ts';
import { indexFaults, untilIndexed, verify } from './harness/verify.ts';
import type { Stores } from './harness/verify.ts';
import { newTrial, openStores } from './harness/world.ts';
import type { Plan } from './harness/world.ts';
import { ALARMS, DEPENDENCIES, promisesOf } from './network-promises.ts';
import type { Dependency } from './network-promises.ts';

interface Case {
  readonly dependency: Dependency;
  readonly fault: ProxyFault;
}

const nameOf = ({ dependency, fault }: Case): string =>
  fault === 'none' ? 'no fault' : `${dependency} ${fault}`;

/** What this machine can do at all. */
const BASELINE: Case = { dependency: 'milvus', fault: 'none' };

const CASES: readonly Case[] = [
  BASELINE,
  ...DEPENDENCIES.flatMap((dependency) => PROXY_FAULTS.map((fault) => ({ dependency, fault }))),
];

export const NETWORK_FAULTS = CASES.map(nameOf);

/** The worst of each. */
const SHORT_FORM = [
  'no fault',
  'milvus black-hole',
  'redis black-hole',
  'postgres black-hole',
  'postgres reset',
  'embedder black-hole',
];

const CLIENTS = 8;
const PER_SECOND = 50;
const WARM_WRITES = 30;
/** A service that waits is late every time; a machine that does other things besides, now and then. */
const TRIES = 3;

/** G4: each dependency behind a network that is slow, silent, rude or late to say goodbye. */
export async function proxyMatrix(plan: Plan, servers: OwnServers): Promise<void> {
  const wanted = CASES.filter((one) => plan.wants(nameOf(one), SHORT_FORM.includes(nameOf(one))));
  if (wanted.length === 0) return;
  const environment = servers.environment();
  const embedder = await startStubEmbedder();
  const proxies = await openProxies(environment, `127.0.0.1:${embedder.port}`);
  const stores = openStores(environment);
  let service: Service | undefined;
  try {
    const settings = { ...environment, ...behind(proxies, environment) };
    service = await Service.start({ dir: join(plan.dir, 'network'), settings });
    for (const one of wanted) {
      plan.progress(nameOf(one));
      const parts = { service, stores, proxy: proxies[one.dependency] };
      plan.report(await inTime(() => runCase(one, plan, parts)));
    }
  } finally {
    for (const proxy of Object.values(proxies)) proxy.inject('none');
    await stores.truth.close();
    await service?.stop();
    await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
    await embedder.close();
  }
}

interface Parts {
  readonly service: Service;
  readonly stores: Stores;
  readonly proxy: FaultProxy;
}

interface Run {
  readonly report: FaultReport;
  readonly isOnlyLate: boolean;
}

/** The first run with nothing late, or with anything else broken; else the last. */
async function inTime(run: () => Promise<Run>): Promise<FaultReport> {
  for (let tried = 1; ; tried += 1) {
    const { report, isOnlyLate } = await run();
    if (!isOnlyLate || tried === TRIES) return report;
  }
}

async function runCase(one: Case, { full }: Plan, parts: Parts): Promise<Run> {
  const { service, stores, proxy } = parts;
  const { tenant, ledger, log } = await newTrial(service);
  const pace = { clients: CLIENTS, perSecond: PER_SECOND };
  const { sender } = tenant;
  // Nothing of this part is timed: the tenant's first memories and the connections are made here.
  const warm = (await newTrial(service)).log;
  await new Load({ sender, ledger, log: warm }, { ...pace, writes: WARM_WRITES }).run();

  const alarm = ALARMS[one.dependency];
  const alarmsBefore = await service.metric(...alarm);
  const crashesBefore = service.crashes;
  proxy.inject(one.fault);
  let isOver = false;
  const load = new Load({ sender, ledger, log }, { ...pace, writes: 0, until: () => isOver });
  const loading = load.run();
  await pause(full ? 10_000 : 5_000);
  const alarms = (await service.metric(...alarm)) - alarmsBefore;
  isOver = true;
  proxy.inject('none');
  const began = performance.now();
  await service.untilWell();
  const recoveryS = (performance.now() - began) / 1000;
  await loading;
  const index = await untilIndexed(tenant.id, stores);
  const verdict = await verify(ledger, tenant, stores);
  const crashes = service.crashes - crashesBefore;
  const isBaseline = one === BASELINE;
  const promises = promisesOf(one.dependency, { log, alarms, crashes, isBaseline });
  const faults = [...indexFaults(index), ...promises.broken];
  const requests = log.summary();
  const broken = [...faults, ...promises.late];
  const report = faultReport(nameOf(one), { verdict, requests, index, recoveryS, broken });
  return { report, isOnlyLate: broken.length > 0 && report.broken.length === promises.late.length };
}

async function openProxies(
  environment: Readonly<Record<string, string>>,
  embedder: string,
): Promise<Readonly<Record<Dependency, FaultProxy>>> {
  const { SOMA_POSTGRES_URL = '', SOMA_REDIS_URL = '', SOMA_MILVUS_ADDRESS = '' } = environment;
  return {
    milvus: await FaultProxy.to(SOMA_MILVUS_ADDRESS),
    redis: await FaultProxy.to(new URL(SOMA_REDIS_URL).host),
    postgres: await FaultProxy.to(new URL(SOMA_POSTGRES_URL).host),
    embedder: await FaultProxy.to(embedder),
  };
}

/** Settings of a service that meets its dependencies through these. */
function behind(
  proxies: Readonly<Record<Dependency, FaultProxy>>,
  environment: Readonly<Record<string, string>>,
): Record<string, string> {
  const through = (name: string, proxy: FaultProxy): string => {
    const url = new URL(environment[name] ?? '');
    url.port = String(proxy.port);
    return url.href;
  };
  return {
    SOMA_POSTGRES_URL: through('SOMA_POSTGRES_URL', proxies.postgres),
    SOMA_REDIS_URL: through('SOMA_REDIS_URL', proxies.redis),
    SOMA_MILVUS_ADDRESS: `127.0.0.1:${proxies.milvus.port}`,
    ...stubEmbedderSettings(proxies.embedder.port),
  };
}
