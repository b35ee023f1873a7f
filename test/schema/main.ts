import { randomBytes } from 'node:crypto';
import { startService } from '../bench/service-process.ts';
import type { OwnService } from '../bench/service-process.ts';
import { SomaClient } from '../bench/soma-client.ts';
import { parseSchemaArguments } from './arguments.ts';
import type { SchemaArguments } from './arguments.ts';
import { Progress } from './progress.ts';
import { describeTally } from './report.ts';
import { installSchemathesis, runSchemathesis } from './run-schemathesis.ts';
import { Tally } from './tally.ts';

const SCOPES = ['memories:read', 'memories:write', 'graph:read', 'graph:write', 'admin'];
/** A long run goes in rounds, each in a tenant of its own: lists stay short, and memory is freed. */
const EXAMPLES_A_ROUND = 100;

/** Holds the running service to docs/openapi.json; exit code 1 when it is another than it says. */
async function main(): Promise<number> {
  const options = parseSchemaArguments(process.argv.slice(2));
  const { stack, examples, seed, quick } = options;
  const program = await installSchemathesis();
  let tally = await tallyOf(options, program);
  if (tally.isOnlyBusy) {
    process.stderr.write(`${describeTally(tally)}\nThe machine was too busy; once more.\n`);
    tally = await tallyOf(options, program);
  }
  process.stdout.write(`${describeTally(tally)}\n`);
  const holds =
    tally.finished === roundsOf(examples) &&
    [tally.failures, tally.errors, tally.shut].every(({ length }) => length === 0);
  process.stdout.write(
    `\n${stack}${quick ? ', quick' : ''}, ${examples} examples an operation, seed ${seed}: ${holds ? 'holds' : 'does NOT hold'}\n`,
  );
  return holds ? 0 : 1;
}

const roundsOf = (examples: number): number => Math.ceil(examples / EXAMPLES_A_ROUND);

async function tallyOf(
  { stack, examples, seed, quick }: SchemaArguments,
  program: string,
): Promise<Tally> {
  const service = await startService({ stack });
  const tally = new Tally();
  const rounds = roundsOf(examples);
  const once = quick ? ['examples'] : ['examples', 'coverage'];
  const progress = new Progress(tally, (line) => process.stderr.write(`${line}\n`));
  try {
    for (let round = 0; round < rounds; round += 1) {
      const run = {
        url: service.url,
        operatorToken: service.operatorToken,
        tenantToken: (await newTenant(service)).token,
        otherTenant: (await newTenant(service)).id,
        examples: Math.min(EXAMPLES_A_ROUND, examples - round * EXAMPLES_A_ROUND),
        seed: seed + round,
        // The same in every round: once is enough.
        phases: [...(round === 0 ? once : []), 'fuzzing', 'stateful'],
      };
      await runSchemathesis(program, run, (event) => progress.add(event));
      progress.say(`round ${round + 1} of ${rounds} ended, ${tally.failures.length} failures`);
    }
  } finally {
    await service.stop();
  }
  return tally;
}

async function newTenant({
  url,
  operatorToken,
}: OwnService): Promise<{ id: string; token: string }> {
  const operator = new SomaClient(url, operatorToken, 1);
  try {
    const name = `schema-${randomBytes(6).toString('hex')}`;
    const tenant = await operator.post<{ id: string }>('/admin/tenants', { name });
    const made = await operator.post<{ token: string }>(`/admin/tenants/${tenant.id}/tokens`, {
      name: 'schema',
      scopes: SCOPES,
    });
    return { id: tenant.id, token: made.token };
  } finally {
    operator.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
