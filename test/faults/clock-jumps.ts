import { join } from 'node:path';
import { FakeClock } from './harness/fake-clock.ts';
import { Load } from './harness/load.ts';
import { beginLongLived } from './harness/long-lived.ts';
import { OwnServers } from './harness/own-servers.ts';
import { pause } from './harness/pause.ts';
import { faultReport } from './harness/report.ts';
import type { FaultReport } from './harness/report.ts';
import { Service } from './harness/service.ts';
import { INDEX_WITHIN_S, indexFaults, untilIndexed, verify } from './harness/verify.ts';
import type { Stores } from './harness/verify.ts';
import { newTrial, openStores } from './harness/world.ts';
import type { Plan } from './harness/world.ts';

const HOUR_S = 3_600;

/** Whose clock jumps, and where to. */
const JUMPS = [
  { name: 'service', offsetS: HOUR_S },
  { name: 'service', offsetS: -HOUR_S },
  { name: 'postgres', offsetS: HOUR_S },
  { name: 'postgres', offsetS: -HOUR_S },
  { name: 'both', offsetS: HOUR_S },
  { name: 'both', offsetS: -HOUR_S },
] as const;
type Jump = (typeof JUMPS)[number];

const nameOf = ({ name, offsetS }: Jump): string =>
  `clock ${name} ${offsetS > 0 ? '+' : '-'}${Math.abs(offsetS) / HOUR_S}h`;

export const CLOCK_JUMPS = JUMPS.map(nameOf);

const CLIENTS = 8;
const PER_SECOND = 50;

/** Clocks that are set while everything runs: nothing is lost, and nothing waits an hour. */
export async function clockJumps(plan: Plan, servers: OwnServers): Promise<void> {
  const wanted = JUMPS.filter((jump) => plan.wants(nameOf(jump), jump.name === 'both'));
  if (wanted.length === 0) return;
  const clocks = {
    service: await FakeClock.at(join(plan.dir, 'clocks/service'), plan.abort),
    postgres: await FakeClock.at(join(plan.dir, 'clocks/postgres'), plan.abort),
  };
  const own = new OwnServers(join(plan.dir, 'clock-servers'), plan.abort, {
    postgres: clocks.postgres.environment,
  });
  let service: Service | undefined;
  let stores: Stores | undefined;
  try {
    await own.start('postgres');
    const environment = { ...servers.environment(), ...own.environment() };
    const ours = clocks.service.environment;
    service = await Service.start({
      dir: join(plan.dir, 'clock'),
      settings: environment,
      environments: { api: ours, worker: ours },
    });
    stores = openStores(environment);
    for (const jump of wanted) {
      plan.progress(nameOf(jump));
      plan.report(await jumpOnce(jump, plan, { service, stores, clocks }));
    }
  } finally {
    await stores?.truth.close();
    await service?.stop();
    await own.stop();
  }
}

interface Parts {
  readonly service: Service;
  readonly stores: Stores;
  readonly clocks: Readonly<Record<'service' | 'postgres', FakeClock>>;
}

async function jumpOnce(jump: Jump, { full }: Plan, parts: Parts): Promise<FaultReport> {
  const { service, stores } = parts;
  const { tenant, ledger, log } = await newTrial(service);
  const crashesBefore = service.crashes;
  const movesPostgres = jump.name !== 'service';
  const wantedOffsetS = movesPostgres ? jump.offsetS : 0;
  const longLived = await beginLongLived(await service.tenant());
  let isOver = false;
  const load = new Load(
    { sender: tenant.sender, ledger, log },
    { writes: full ? 600 : 100, until: () => isOver, clients: CLIENTS, perSecond: PER_SECOND },
  );
  const loading = load.run();
  while (load.begun < 40) await pause(20);
  const began = performance.now();
  await moveTo(jump.offsetS, jump, parts);
  const seenOffsetS = await stores.truth.offsetS();
  await service.untilWell();
  const recoveryS = (performance.now() - began) / 1000;
  isOver = true;
  await loading;
  const index = await untilIndexed(tenant.id, stores);
  const tail = await untilTailIsEmpty(tenant.id, stores);
  const broken = [
    ...indexFaults(index),
    ...log
      .undocumented()
      .map((answer) => `no 5xx but 503 with Retry-After was to be answered; ${answer}`),
    ...(await longLived.faults(wantedOffsetS)),
  ];
  if (tail > 0) {
    broken.push(
      `nothing was to stay in the fresh tail for ${INDEX_WITHIN_S} s; ${tail} entries did`,
    );
  }
  if (Math.abs(seenOffsetS - wantedOffsetS) > 60) {
    broken.push(`PostgreSQL's clock was to be moved by ${wantedOffsetS} s, not ${seenOffsetS} s`);
  }
  const verdict = await verify(ledger, tenant, stores);
  await moveTo(0, jump, parts);
  await service.untilWell();
  const crashes = service.crashes - crashesBefore;
  if (crashes > 0) broken.push(`api and worker were to live on; they ended ${crashes} times`);
  return faultReport(nameOf(jump), { verdict, requests: log.summary(), index, recoveryS, broken });
}

async function moveTo(offsetS: number, { name }: Jump, { clocks }: Parts): Promise<void> {
  const moved =
    name === 'both'
      ? [clocks.service, clocks.postgres]
      : [name === 'service' ? clocks.service : clocks.postgres];
  await Promise.all(moved.map((clock) => clock.moveTo(offsetS)));
}

async function untilTailIsEmpty(tenant: string, { truth }: Stores): Promise<number> {
  const end = performance.now() + INDEX_WITHIN_S * 1000;
  for (;;) {
    const entries = await truth.freshTail(tenant);
    if (entries === 0 || performance.now() > end) return entries;
    await pause(500);
  }
}
