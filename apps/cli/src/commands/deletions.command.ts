import type { Command } from 'commander';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { fetchReceipt, showReceipt } from '../deletion-receipt.js';
import { withExamples } from '../examples.js';

interface ReceiptOptions {
  readonly memory?: string;
  readonly wait?: boolean;
  readonly operator?: boolean;
}

export function deletionsCommand(program: Command, io: CliIo): void {
  const deletions = program
    .command('deletions')
    .description('read receipts of what was deleted')
    .helpCommand(false);
  const command = deletions
    .command('get')
    .description('read a receipt: what was removed, and what every store was found to have left')
    .argument('<id>', 'its id')
    .option('--memory <id>', 'say whether it deleted the memory of this id')
    .option('--wait', 'until it is verified')
    .option('--operator', "any tenant's, with the operator's token");
  onRun<ReceiptOptions>(command, io, async (session, { operator, ...options }, [id = '']) => {
    const api = await session.api(operator ? 'admin' : undefined);
    const path = `${operator ? '/admin' : ''}/deletions/${encodeURIComponent(id)}`;
    const reply = await fetchReceipt(api, path, options);
    session.show(reply, (receipt) => showReceipt(session, receipt));
  });
  withExamples(command, [
    'soma deletions get 0198c1f0-0000-7000-8000-000000000003 --wait',
    'soma deletions get 0198c1f0-0000-7000-8000-000000000003 --operator --json',
  ]);
}
