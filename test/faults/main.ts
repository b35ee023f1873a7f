import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFaultArguments } from './arguments.ts';
import type { FaultArguments } from './arguments.ts';
import { CLOCK_JUMPS, clockJumps } from './clock-jumps.ts';
import { FULL_DISKS, diskFull } from './disk-full.ts';
import { OwnServers } from './harness/own-servers.ts';
import { interrupt, interrupted } from './harness/pause.ts';
import { describeReports } from './harness/report.ts';
import type { FaultReport } from './harness/report.ts';
import type { Plan } from './harness/world.ts';
import { KILLS, killMatrix } from './kill-matrix.ts';
import { NETWORK_FAULTS, proxyMatrix } from './proxy-matrix.ts';

const FAULTS = [...KILLS, ...NETWORK_FAULTS, ...FULL_DISKS, ...CLOCK_JUMPS];

async function run(options: FaultArguments): Promise<boolean> {
  const began = performance.now();
  const seconds = (): string => ((performance.now() - began) / 1000).toFixed(0);
  const dir = mkdtempSync(join(tmpdir(), 'soma-faults-'));
  // The user postgres must reach its data.
  chmodSync(dir, 0o755);
  const reports: FaultReport[] = [];
  const plan: Plan = {
    dir,
    full: options.full,
    abort: interrupted,
    progress: (message) => process.stderr.write(`[${seconds()} s] ${message}\n`),
    report: (report) => {
      reports.push(report);
      plan.progress(describeReports([report]).split('\n')[2] ?? '');
      for (const promise of report.broken) plan.progress(`BROKEN ${report.fault}: ${promise}`);
    },
    wants: (fault, inShortForm = true) =>
      options.only.length === 0
        ? options.full || inShortForm
        : options.only.some((name) => fault.includes(name)),
  };
  const servers = new OwnServers(join(dir, 'servers'), interrupted);
  let keepLogs = options.keepLogs;
  let failure: Error | undefined;
  try {
    plan.progress('starting PostgreSQL, Milvus and Redis');
    await servers.startAll(['postgres', 'milvus', 'redis']);
    await killMatrix(plan, servers);
    await proxyMatrix(plan, servers);
    await diskFull(plan, servers);
    await clockJumps(plan, servers);
  } catch (error) {
    keepLogs = true;
    failure = error instanceof Error ? error : new Error(String(error));
  } finally {
    await servers.stop();
    const isBroken = reports.some(({ broken }) => broken.length > 0);
    if (keepLogs || isBroken) process.stderr.write(`logs: ${dir}\n`);
    else rmSync(dir, { recursive: true, force: true, maxRetries: 10 });
  }
  const broken = reports.flatMap((report) => report.broken);
  const took = Number(seconds());
  if (options.json) {
    const { full } = options;
    process.stdout.write(`${JSON.stringify({ full, took_s: took, faults: reports }, null, 2)}\n`);
  } else {
    const load = loadavg().map((one) => one.toFixed(1));
    const end =
      `${reports.length} faults in ${took} s, ${broken.length} promises broken; ` +
      `${availableParallelism()} processors, load ${load.join(' ')}`;
    process.stdout.write(`${describeReports(reports)}\n\n${end}\n`);
  }
  if (failure) throw failure;
  return broken.length === 0;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, interrupt);
}

try {
  const options = parseFaultArguments(process.argv.slice(2), FAULTS);
  if (options.list) process.stdout.write(`${FAULTS.join('\n')}\n`);
  else if (!(await run(options))) process.exitCode = 1;
} catch (error) {
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
}
