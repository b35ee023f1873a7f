import { join } from 'node:path';
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

const VICTIMS = ['api', 'worker', 'postgres', 'milvus', 'redis'] as const;
type Victim = (typeof VICTIMS)[number];

export const KILLS = VICTIMS.map((victim) => `kill ${victim}`);

const CLIENTS = 8;
const PER_SECOND = 60;
/** Between the death of a server and its new life. */
const AWAY_MS = 1_000;

/** G1: each of the five is killed in mid-load; nothing acknowledged is lost, nothing is there twice. */
export async function killMatrix(plan: Plan, servers: OwnServers): Promise<void> {
  const wanted = VICTIMS.filter((victim) => plan.wants(`kill ${victim}`));
  if (wanted.length === 0) return;
  const environment = servers.environment();
  // The same model as behind the proxies: the database remembers which one it was filled with.
  const embedder = await startStubEmbedder();
  const settings = { ...environment, ...stubEmbedderSettings(embedder.port) };
  const service = await Service.start({ dir: join(plan.dir, 'kill'), settings });
  const stores = openStores(environment);
  try {
    for (const victim of wanted) {
      plan.progress(`kill ${victim}`);
      plan.report(await killOne(victim, plan, { service, servers, stores }));
    }
  } finally {
    await stores.truth.close();
    await service.stop();
    await embedder.close();
  }
}

interface Parts {
  readonly service: Service;
  readonly servers: OwnServers;
  readonly stores: Stores;
}

async function killOne(victim: Victim, { full }: Plan, parts: Parts): Promise<FaultReport> {
  const { service, stores } = parts;
  const [writes, kills] = full ? [2_000, 3] : [120, 1];
  const { tenant, ledger, log } = await newTrial(service);
  const crashesBefore = service.crashes;
  let killed = 0;
  const load = new Load(
    { sender: tenant.sender, ledger, log },
    { writes, until: () => killed === kills, clients: CLIENTS, perSecond: PER_SECOND },
  );
  const loading = load.run();
  let recoveryS = 0;
  while (killed < kills) {
    const due = ((killed + 1) * writes) / (kills + 1);
    while (load.begun < due) await pause(20);
    const began = performance.now();
    await killAndRevive(victim, parts);
    await service.untilWell();
    recoveryS = Math.max(recoveryS, (performance.now() - began) / 1000);
    killed += 1;
  }
  await loading;
  const index = await untilIndexed(tenant.id, stores);
  const verdict = await verify(ledger, tenant, stores);
  const crashes = service.crashes - crashesBefore;
  const broken = [
    ...indexFaults(index),
    ...log
      .undocumented()
      .map((answer) => `no 5xx but 503 with Retry-After was to be answered; ${answer}`),
    ...(crashes > 0 ? [`api and worker were to live on; they ended ${crashes} times`] : []),
  ];
  const requests = log.summary();
  return faultReport(`kill ${victim}`, { verdict, requests, index, recoveryS, broken });
}

async function killAndRevive(victim: Victim, { service, servers }: Parts): Promise<void> {
  if (victim === 'api' || victim === 'worker') {
    service.kill(victim);
    // Until the old process is gone it may still say that it is well.
    await pause(100);
    return;
  }
  await servers.kill(victim);
  await pause(AWAY_MS);
  await servers.start(victim);
}
