import type { Command } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { namespaceOption } from '../options.js';
import type { Detail } from '../output/details.js';

export function statsCommand(program: Command, io: CliIo): void {
  const command = program
    .command('stats')
    .description('count the memories, links and vectors of the tenant')
    .addOption(namespaceOption());
  onRun<{ namespace?: string }>(command, io, async (session, { namespace }) => {
    const api = await session.api();
    const reply = await api.send<object>({ path: '/stats', query: { namespace } });
    session.show(reply, (stats) => session.details(flatten(stats)));
  });
  withExamples(command, ['soma stats', 'soma stats --namespace diary --json']);
}

/** `{memories: {total: 3}}` as one line, `memories total  3`. */
function flatten(value: object, prefix = ''): Detail[] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const label = `${prefix}${name}`;
    return typeof inner === 'object' && inner !== null
      ? flatten(inner, `${label} `)
      : [[label, String(inner)] satisfies Detail];
  });
}
