import type { Command } from 'commander';
import { usageError } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import { jsonObject } from '../json-text.js';
import type { Memory } from '../memory.js';
import { memoryDetails } from '../output/memory-view.js';
import {
  etagOf,
  idempotencyKeyOption,
  ifMatchOption,
  pathOfRef,
  refOf,
  withRef,
  type RefOptions,
} from '../options.js';
import { memoryFields, withMemoryFields, type MemoryFieldOptions } from './memory-fields.js';

interface UpdateOptions
  extends RefOptions, Omit<MemoryFieldOptions, 'expiresAt' | 'slot' | 'prediction'> {
  readonly expiresAt?: string | false;
  readonly slot?: string | false;
  readonly prediction?: string | false;
  readonly ifMatch?: string;
  readonly idempotencyKey?: string;
}

export function updateCommand(program: Command, io: CliIo): void {
  const command = program
    .command('update')
    .description('change fields of a memory; the old version is kept');
  withMemoryFields(withRef(command))
    .option('--no-pinned', 'no longer pinned')
    .option('--no-expires-at', 'never expires')
    .option('--no-slot', 'it states no fact of a slot any more')
    .option('--no-prediction', 'nothing is expected any more')
    .addOption(ifMatchOption())
    .addOption(idempotencyKeyOption());
  onRun<UpdateOptions>(command, io, async (session, given, args) => {
    const { expiresAt, slot, prediction, ...options } = given;
    const path = pathOfRef(refOf(options, args));
    const fields = await memoryFields(session, {
      ...options,
      expiresAt: expiresAt || undefined,
      slot: slot || undefined,
      prediction: prediction || undefined,
    });
    const body = jsonObject({
      ...fields,
      ...(expiresAt === false && { expires_at: null }),
      ...(slot === false && { slot: null }),
      ...(prediction === false && { prediction: null }),
    });
    if (body === '{}') {
      throw usageError('There is nothing to change.', 'Give a field, like --importance 0.9.');
    }
    const api = await session.api();
    const reply = await api.send<Memory>({
      method: 'PATCH',
      path,
      query: { namespace: options.namespace },
      body,
      ifMatch: etagOf(options.ifMatch),
      idempotencyKey: options.idempotencyKey,
    });
    session.show(reply, (memory) => session.details(memoryDetails(memory)));
  });
  withExamples(command, [
    'soma update 1.0,2.0,3.0 --importance 0.9 --tags user,tea',
    'soma update 1.0,2.0,3.0 --content "Ada prefers coffee" --if-match 1',
  ]);
}
