import type { Command } from 'commander';
import { CliError } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-codes.js';
import { decimals } from '../output/memory-view.js';

interface Dependency {
  readonly status: string;
  readonly latency_ms?: number;
}

interface Health {
  readonly status: string;
  readonly dependencies?: Readonly<Record<string, Dependency>>;
  readonly version?: string;
  readonly uptime_s?: number;
}

export function healthCommand(program: Command, io: CliIo): void {
  const command = program
    .command('health')
    .description('show whether the service and what it depends on are well (needs no token)');
  onRun(command, io, async (session) => {
    const api = await session.api('open');
    const reply = await api.send<Health>({ path: '/health', alsoAccept: 503 });
    session.show(reply, ({ status, version, uptime_s, dependencies = {} }) => {
      session.details([
        ['status', status],
        ['version', version],
        ['uptime', uptime_s === undefined ? undefined : `${decimals(uptime_s, 0)} s`],
      ]);
      session.print('\n');
      session.table(
        [
          { title: 'DEPENDENCY', value: ([name]) => name },
          { title: 'STATUS', value: ([, dependency]) => dependency.status },
          { title: 'LATENCY', value: ([, dependency]) => latency(dependency), align: 'right' },
        ],
        Object.entries(dependencies),
      );
      if (status === 'degraded') session.warn('the service answers, but not everything is well');
    });
    if (reply.status === 503 || reply.body.status === 'down') throw down(reply.body.status);
  });
  withExamples(command, ['soma health', 'soma health --url https://memory.example.com --json']);
}

const latency = ({ latency_ms }: Dependency): string | undefined =>
  latency_ms === undefined ? undefined : `${decimals(latency_ms, 1)} ms`;

const down = (status: string): CliError =>
  new CliError({
    exitCode: EXIT.UNAVAILABLE,
    code: 'SERVICE_DOWN',
    detail: `The service says it is ${status}.`,
    hint: 'The table shows which dependency is away; the log of the service says why.',
  });
