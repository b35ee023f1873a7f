import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { markdownTable } from '../bench/markdown-table.ts';
import { FaultProxy } from '../faults/harness/fault-proxy.ts';
import { IndexEntries } from '../faults/harness/index-entries.ts';
import { OwnServers } from '../faults/harness/own-servers.ts';
import { interrupt, interrupted } from '../faults/harness/pause.ts';
import { Service } from '../faults/harness/service.ts';
import { SmallVolume } from '../faults/harness/small-volume.ts';
import { startStubEmbedder, stubEmbedderSettings } from '../faults/harness/stub-embedder.ts';
import { COLLECTION_PREFIX } from '../faults/harness/world.ts';
import { RuleEngine } from './rule-engine.ts';
import { killedServers, processesGone, silentServers } from './servers-away.ts';
import { fullDisk, lostEntries, sickExtension, throttled, tokensTried } from './sick-inside.ts';
import { Traffic } from './traffic.ts';
import { type AlertReport, tryFault } from './trial.ts';
import { Watch } from './watch.ts';

const VOLUME_MB = 300;
const REQUESTS_PER_SECOND = 20;

/**
 * `npm run test:alerts -- [--only NAME[,NAME...]]` breaks what the alerts of the chart are about, on real servers
 * under a running API and worker, and has Prometheus' own rules engine say whether the expression of each alert
 * became true on what the two answered at /metrics, and false afterwards.
 *
 * Prometheus' time runs thirty times as fast as the service's: the scrapes, one each half a second, are given to it as
 * one each 15 s, the chart's interval. So a window of five minutes has twenty real scrapes and is over in ten
 * seconds; a rate for each second comes out thirty times lower than it is; and what a gauge itself counts in seconds
 * is waited for. Seconds in the table are of the run. The exit code is 1 when an alert did not ring, or did not stop.
 */
async function run(only: readonly string[]): Promise<boolean> {
  const began = performance.now();
  const progress = (text: string): void => {
    process.stderr.write(`[${((performance.now() - began) / 1000).toFixed(0)} s] ${text}\n`);
  };
  const dir = mkdtempSync(join(tmpdir(), 'soma-alerts-'));
  // The user postgres must reach its data.
  chmodSync(dir, 0o755);
  const undo: (() => unknown)[] = [
    () => rmSync(dir, { recursive: true, force: true, maxRetries: 10 }),
  ];
  const reports: AlertReport[] = [];
  try {
    const engine = new RuleEngine(dir);
    const volume = SmallVolume.mount(join(dir, 'small'), VOLUME_MB);
    undo.push(() => volume.unmount());
    mkdirSync(join(dir, 'logs'));
    // Or a server on a full disk could not say why it ended.
    symlinkSync(join(dir, 'logs'), join(volume.dir, 'logs'));
    const [servers, store] = [
      new OwnServers(join(dir, 'servers'), interrupted),
      new OwnServers(volume.dir, interrupted),
    ];
    undo.push(() => Promise.all([servers.stop(), store.stop()]));
    progress('starting PostgreSQL, Milvus and Redis');
    await Promise.all([store.start('postgres'), servers.startAll(['milvus', 'redis'])]);
    const embedder = await startStubEmbedder();
    const postgres = new URL(store.environment()['SOMA_POSTGRES_URL'] ?? '');
    const proxies = {
      postgres: await FaultProxy.to(postgres.host),
      embedder: await FaultProxy.to(`127.0.0.1:${embedder.port}`),
    };
    undo.push(() =>
      Promise.all([proxies.postgres.close(), proxies.embedder.close(), embedder.close()]),
    );
    postgres.port = String(proxies.postgres.port);
    const settings: Record<string, string> = {
      ...servers.environment(),
      ...store.environment(),
      SOMA_POSTGRES_URL: postgres.href,
      ...stubEmbedderSettings(proxies.embedder.port),
      SOMA_EXTENSIONS: resolve('test/alerts/sick-extension.ts'),
      SOMA_EXTENSION_TIMEOUT_MS: '5000',
    };
    const service = await Service.start({ dir: join(dir, 'service'), settings });
    undo.push(() => service.stop());
    const tenant = await service.tenant();
    const traffic = new Traffic(tenant.sender, REQUESTS_PER_SECOND);
    const watch = new Watch(service, engine);
    undo.push(() => Promise.all([traffic.stop(), watch.stop()]));
    traffic.start();
    watch.start();
    const index = new IndexEntries(settings['SOMA_MILVUS_ADDRESS'] ?? '', COLLECTION_PREFIX);
    const faults = [
      ...killedServers({ postgres: store, milvus: servers, redis: servers }, service),
      ...silentServers(proxies),
      ...processesGone(service),
      ...sickExtension(traffic),
      throttled(service),
      tokensTried(service),
      fullDisk(store, volume),
      lostEntries(service, index, tenant),
    ];
    const wanted = faults.filter(
      ({ name }) => only.length === 0 || only.some((part) => name.toLowerCase().includes(part)),
    );
    if (wanted.length === 0) throw new Error(`faults: ${faults.map((one) => one.name).join(', ')}`);
    for (const fault of wanted) {
      progress(fault.name);
      let some = await tryFault(fault, watch, service);
      if (!some.every(isWell)) {
        progress(
          '  an alert did not ring, or did not stop: once more, on a machine that may be less busy',
        );
        some = await tryFault(fault, watch, service);
      }
      reports.push(...some);
      for (const { alert, trueAfterS, falseAfterS } of some) {
        progress(`  ${alert}: ${seconds(trueAfterS)} s, then ${seconds(falseAfterS)} s`);
      }
    }
  } finally {
    for (const step of undo.toReversed()) await step();
  }
  process.stdout.write(`${describe(reports)}\n`);
  progress(`${reports.length} times an alert was to ring, and to fall silent`);
  return reports.every(isWell);
}

const isWell = ({ trueAfterS, falseAfterS }: AlertReport): boolean =>
  trueAfterS !== undefined && falseAfterS !== undefined;

const seconds = (value: number | undefined): string => value?.toFixed(1) ?? 'NEVER';

function describe(reports: readonly AlertReport[]): string {
  return markdownTable(
    ['fault', 'alert', 'true after s', 'false after s'],
    reports.map(({ fault, alert, trueAfterS, falseAfterS }) => [
      fault,
      alert,
      seconds(trueAfterS),
      seconds(falseAfterS),
    ]),
  );
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
const only = values.only.split(',').map((name) => name.trim().toLowerCase());
process.exitCode = (await run(only.filter((name) => name !== ''))) ? 0 : 1;
