import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Load } from './harness/load.ts';
import { OwnServers } from './harness/own-servers.ts';
import { pause } from './harness/pause.ts';
import { faultReport } from './harness/report.ts';
import type { FaultReport } from './harness/report.ts';
import { Service, STORE_FAILURES } from './harness/service.ts';
import { SmallVolume } from './harness/small-volume.ts';
import { indexFaults, untilIndexed, verify } from './harness/verify.ts';
import type { Stores } from './harness/verify.ts';
import { newTrial, openStores } from './harness/world.ts';
import type { Plan, Trial } from './harness/world.ts';

/** `tables`: rows find no room. `log`: the write-ahead log finds none, and PostgreSQL gives up. */
const KINDS = ['tables', 'log'] as const;
type Kind = (typeof KINDS)[number];

export const FULL_DISKS = KINDS.map((kind) => `disk full ${kind}`);

const MEGABYTES = 200;
const CLIENTS = 8;
const PER_SECOND = 50;
const FULL_MS = 4_000;
/** The fault lasts this much longer where nothing has met it yet: the machine is slow. */
const LONGEST_FULL_MS = 30_000;

/** G8: no room on the volume of PostgreSQL, which is given back later. */
export async function diskFull(plan: Plan, servers: OwnServers): Promise<void> {
  const wanted = KINDS.filter((kind) => plan.wants(`disk full ${kind}`));
  if (wanted.length === 0) return;
  const volume = SmallVolume.mount(join(plan.dir, 'small'), MEGABYTES);
  keepLogsOutside(volume.dir, join(plan.dir, 'disk-logs'));
  const own = new OwnServers(volume.dir, plan.abort);
  let service: Service | undefined;
  let stores: Stores | undefined;
  try {
    await own.start('postgres');
    const environment = { ...servers.environment(), ...own.environment() };
    service = await Service.start({ dir: join(plan.dir, 'disk'), settings: environment });
    stores = openStores(environment);
    for (const kind of wanted) {
      plan.progress(`disk full ${kind}`);
      plan.report(await fillDisk(kind, plan, { service, stores, own, volume }));
    }
  } finally {
    volume.free();
    await stores?.truth.close();
    await service?.stop();
    await own.stop();
    volume.unmount();
  }
}

interface Parts {
  readonly service: Service;
  readonly stores: Stores;
  readonly own: OwnServers;
  readonly volume: SmallVolume;
}

async function fillDisk(kind: Kind, { full }: Plan, parts: Parts): Promise<FaultReport> {
  const { service, stores, own, volume } = parts;
  const trial = await newTrial(service);
  const { tenant, ledger, log } = trial;
  const alarmBefore = await alarm(service, kind);
  const crashesBefore = service.crashes;
  let isOver = false;
  const load = new Load(
    { sender: tenant.sender, ledger, log },
    { writes: 60, until: () => isOver, clients: CLIENTS, perSecond: PER_SECOND },
  );
  const loading = load.run();
  while (load.begun < 30) await pause(20);
  volume.fill();
  if (kind === 'log') await stores.truth.spendLog().catch(() => undefined);
  const end = performance.now() + FULL_MS * (full ? 4 : 1);
  const isMet = async (): Promise<boolean> =>
    log.answers(503).length > 0 && (await alarm(service, kind)) > alarmBefore;
  const isDue = async (now: number): Promise<boolean> =>
    now < end || (now < end + LONGEST_FULL_MS && !(await isMet()));
  while (await isDue(performance.now())) {
    volume.fill();
    // A supervisor's part: without room for its log PostgreSQL ends, and cannot start either.
    if (!own.isRunning('postgres')) await own.start('postgres').catch(() => undefined);
    await pause(250);
  }
  const alarms = (await alarm(service, kind)) - alarmBefore;
  volume.free();
  const began = performance.now();
  if (!own.isRunning('postgres')) await own.start('postgres');
  await service.untilWell();
  const recoveryS = (performance.now() - began) / 1000;
  isOver = true;
  await loading;
  const index = await untilIndexed(tenant.id, stores);
  const verdict = await verify(ledger, tenant, stores);
  const broken = [
    ...indexFaults(index),
    ...promises(trial, alarms, service.crashes - crashesBefore),
  ];
  const requests = log.summary();
  return faultReport(`disk full ${kind}`, { verdict, requests, index, recoveryS, broken });
}

function promises({ log }: Trial, alarms: number, crashes: number): string[] {
  const broken = log
    .undocumented()
    .map((answer) => `503 with Retry-After was to be answered without room; ${answer}`);
  if (log.answers(503).length === 0) broken.push('503 was to be answered without room; none was');
  if (alarms === 0) broken.push('a metric was to move, to alarm somebody; none did');
  if (crashes > 0) broken.push(`api and worker were to live on; they ended ${crashes} times`);
  return broken;
}

/** Or the server could not say why it ended. */
function keepLogsOutside(dir: string, logs: string): void {
  mkdirSync(logs, { recursive: true });
  symlinkSync(logs, join(dir, 'logs'));
}

/** A PostgreSQL that gave up is away like any other that is away. */
const alarm = (service: Service, kind: Kind): Promise<number> =>
  service.metric(STORE_FAILURES, kind === 'tables' ? 'full' : '');
