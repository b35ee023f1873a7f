import type { Command } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import { endpoint, idempotencyKeyOption, linkTypeOption } from '../options.js';
import { withEnds, type EndsOptions } from './link-ends.js';

interface UnlinkOptions extends EndsOptions {
  readonly linkType?: string;
  readonly idempotencyKey?: string;
}

export function unlinkCommand(program: Command, io: CliIo): void {
  const command = program
    .command('unlink')
    .description('remove the links from one memory to another');
  withEnds(command)
    .addOption(linkTypeOption('only links of this type (all when left out)'))
    .addOption(idempotencyKeyOption());
  onRun<UnlinkOptions>(command, io, async (session, options) => {
    const body = jsonObject({
      ...endpoint('from', options.from),
      ...endpoint('to', options.to),
      link_type: options.linkType,
      namespace: options.namespace,
    });
    const { idempotencyKey } = options;
    const api = await session.api();
    const reply = await api.send<{ deleted: number }>({
      method: 'DELETE',
      path: '/graph/link',
      body,
      idempotencyKey,
    });
    session.show(reply, ({ deleted }) =>
      session.print(`${deleted} ${deleted === 1 ? 'link' : 'links'} deleted\n`),
    );
  });
  withExamples(command, ['soma unlink --from 1.0,2.0,3.0 --to 4.0,5.0,6.0 --type causes']);
}
