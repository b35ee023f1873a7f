import type { Command } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import type { Link } from '../memory.js';
import { decimal, endpoint, idempotencyKeyOption, linkTypeOption } from '../options.js';
import { withEnds, type EndsOptions } from './link-ends.js';

interface LinkOptions extends EndsOptions {
  readonly linkType?: string;
  readonly strength?: number;
  readonly metadata?: string;
  readonly idempotencyKey?: string;
}

export function linkCommand(program: Command, io: CliIo): void {
  const command = program.command('link').description('link one memory to another');
  withEnds(command)
    .addOption(linkTypeOption('what the link means (the API uses "related")'))
    .option('--strength <0..1>', 'weight of the link', decimal)
    .option('--metadata <json>', 'a JSON object; @file and - (stdin) work too')
    .addOption(idempotencyKeyOption());
  onRun<LinkOptions>(command, io, async (session, options) => {
    const body = jsonObject({
      ...endpoint('from', options.from),
      ...endpoint('to', options.to),
      link_type: options.linkType,
      strength: options.strength,
      metadata: await session.json('--metadata', options.metadata),
      namespace: options.namespace,
    });
    const { idempotencyKey } = options;
    const api = await session.api();
    const reply = await api.send<Link>({
      method: 'POST',
      path: '/graph/link',
      body,
      idempotencyKey,
    });
    session.show(reply, (link) =>
      session.table(
        [
          { title: 'FROM', value: ({ from_coord }) => from_coord },
          { title: 'TO', value: ({ to_coord }) => to_coord },
          { title: 'TYPE', value: ({ link_type }) => link_type },
          { title: 'STRENGTH', value: ({ strength }) => strength, align: 'right' },
          { title: 'ID', value: ({ id }) => id },
        ],
        [link],
      ),
    );
  });
  withExamples(command, [
    'soma link --from 1.0,2.0,3.0 --to 4.0,5.0,6.0 --type causes --strength 0.8',
  ]);
}
