import { availableParallelism } from 'node:os';
import { startService } from '../service-process.ts';
import type { Stack } from '../service-environment.ts';
import { SomaClient } from '../soma-client.ts';
import { parseOperationsArguments } from './arguments.ts';
import { FlatSide } from './flat-side.ts';
import { measureOperations } from './measure.ts';
import { openMilvus } from './milvus-side.ts';
import type { Side } from './operation.ts';
import { openPglite } from './pglite-engine.ts';
import { openPostgres } from './postgres-engine.ts';
import { describeOperations } from './report.ts';
import type { OperationsReport } from './report.ts';
import { ServiceSide } from './service-side.ts';
import { timeSlowPath } from './slow-path.ts';
import { SqlSide } from './sql-side.ts';
import { Workload } from './workload.ts';

const CLIENTS = [1, 16];

async function main(): Promise<void> {
  const { n, q, rounds, seed, stack, json } = parseOperationsArguments(process.argv.slice(2));
  const begun = Date.now();
  const workload = new Workload(seed);
  const items = Array.from({ length: n }, () => workload.add());
  const running = await startService({ stack });
  const sides: Side[] = [];
  try {
    const service = new ServiceSide(
      new SomaClient(running.url, running.token, Math.max(...CLIENTS)),
    );
    sides.push(service);
    const loading = Date.now();
    await service.load(items);
    const loadedPerSecond = Math.round((n * 1000) / (Date.now() - loading));
    for (const side of await bareSides(stack)) {
      sides.push(side);
      await side.load(items);
    }
    const operations = await measureOperations(service, sides.slice(1), {
      workload,
      n,
      q,
      rounds,
      clients: CLIENTS,
    });
    const slow = timeSlowPath(
      items,
      Array.from({ length: q }, () => workload.query().vector),
    );
    const search = operations.find(
      (result) => result.operation === 'search' && result.clients === 1,
    );
    const report: OperationsReport = {
      stack,
      n,
      q,
      rounds,
      seed,
      node: process.versions.node,
      cpus: availableParallelism(),
      loaded_per_second: loadedPerSecond,
      operations,
      slow_path: { ...slow, ratio: slow.p50 / (search?.service.p50 ?? NaN) },
      took_s: (Date.now() - begun) / 1000,
    };
    process.stdout.write(
      `${json ? JSON.stringify(report, null, 2) : describeOperations(report)}\n`,
    );
  } finally {
    for (const side of sides) await side.close();
    await running.stop();
  }
}

async function bareSides(stack: Stack): Promise<Side[]> {
  if (stack === 'embedded') return [new SqlSide(await openPglite()), new FlatSide()];
  const { SOMA_POSTGRES_OWNER_URL = '', SOMA_MILVUS_ADDRESS = '' } = process.env;
  const database = await openPostgres(SOMA_POSTGRES_OWNER_URL, Math.max(...CLIENTS));
  return [new SqlSide(database), await openMilvus(SOMA_MILVUS_ADDRESS)];
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
