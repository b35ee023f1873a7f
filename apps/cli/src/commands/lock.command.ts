import { type Command, Option } from 'commander';
import { CommandExit } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { type CliSession, onRun } from '../cli-session.js';
import { withExamples } from '../examples.js';
import {
  acquireLock,
  type LeaseWish,
  type LockState,
  readLock,
  releaseLock,
  renewLock,
} from '../locks/lease.js';
import { runUnderLock } from '../locks/run-under-lock.js';
import { idempotencyKeyOption, seconds } from '../options.js';

interface TtlOptions {
  readonly ttl: number;
}

interface AcquireOptions extends TtlOptions {
  readonly owner?: string;
  readonly wait?: number;
  readonly idempotencyKey?: string;
}

interface LeaseOptions {
  readonly lease: string;
}

const ttlOption = (): Option =>
  new Option('--ttl <seconds>', 'the lock is free after so long, unless renewed (0.1 to 300)')
    .argParser(seconds)
    .default(30);

const leaseOption = (): Option =>
  new Option('--lease <token>', 'the token that `soma lock acquire` gave').makeOptionMandatory();

const withWish = (command: Command): Command =>
  command
    .addOption(ttlOption())
    .option('--wait <seconds>', 'wait so long for a lock that is held', seconds)
    .option('--owner <name>', 'shown to those who find it held');

const wishOf = (name: string, options: AcquireOptions): LeaseWish => ({
  name,
  ttlMs: Math.round(options.ttl * 1000),
  waitMs: Math.round((options.wait ?? 0) * 1000),
  owner: options.owner,
  idempotencyKey: options.idempotencyKey,
});

export function lockCommand(program: Command, io: CliIo): void {
  const locks = program
    .command('lock')
    .description('take locks that agents of the tenant share; docs/locks.md')
    .helpCommand(false);
  acquireCommand(locks, io);
  renewCommand(locks, io);
  releaseCommand(locks, io);
  showCommand(locks, io);
  runCommand(locks, io);
}

function acquireCommand(locks: Command, io: CliIo): void {
  const command = locks
    .command('acquire')
    .description('take a lock for a time')
    .argument('<name>', 'its name');
  withWish(command).addOption(idempotencyKeyOption());
  onRun<AcquireOptions>(command, io, async (session, options, [name = '']) => {
    const reply = await acquireLock(await session.api(), wishOf(name, options));
    session.show(reply, (lease) =>
      session.details([
        ['lease', lease.token],
        ['fencing token', lease.fencing_token],
        ['expires at', lease.expires_at],
      ]),
    );
  });
  withExamples(command, [
    'soma lock acquire nightly-digest --ttl 60 --wait 5 --owner agent-7',
    'soma lock acquire nightly-digest --json',
  ]);
}

function renewCommand(locks: Command, io: CliIo): void {
  const command = locks
    .command('renew')
    .description('let a lease run for a time from now')
    .argument('<name>', 'of the lock')
    .addOption(leaseOption())
    .addOption(ttlOption());
  onRun<LeaseOptions & TtlOptions>(command, io, async (session, { lease, ttl }, [name = '']) => {
    const reply = await renewLock(await session.api(), name, lease, Math.round(ttl * 1000));
    session.show(reply, (state) => showState(session, state));
  });
  withExamples(command, ['soma lock renew nightly-digest --lease lease_… --ttl 60']);
}

function releaseCommand(locks: Command, io: CliIo): void {
  const command = locks
    .command('release')
    .description('give a lock back')
    .argument('<name>', 'of the lock')
    .addOption(leaseOption());
  onRun<LeaseOptions>(command, io, async (session, { lease }, [name = '']) => {
    const reply = await releaseLock(await session.api(), name, lease);
    session.show(reply, (state) => showState(session, state));
  });
  withExamples(command, ['soma lock release nightly-digest --lease lease_…']);
}

function showCommand(locks: Command, io: CliIo): void {
  const command = locks
    .command('show')
    .description('see whether a lock is held, by whom and until when')
    .argument('<name>', 'of the lock');
  onRun(command, io, async (session, _options, [name = '']) => {
    const reply = await readLock(await session.api(), name);
    session.show(reply, (state) => showState(session, state));
  });
  withExamples(command, ['soma lock show nightly-digest --json']);
}

function runCommand(locks: Command, io: CliIo): void {
  const command = locks
    .command('run')
    .description(
      'run a command while holding a lock; exits as the command does, which is ended when the lock is lost',
    )
    .argument('<name>', 'of the lock')
    .argument('<command...>', 'after --, with its arguments');
  withWish(command);
  onRun<AcquireOptions>(command, io, async (session, options, [name = '', ...argv]) => {
    const code = await runUnderLock(session, await session.api(), wishOf(name, options), argv);
    if (code !== 0) throw new CommandExit(code);
  });
  withExamples(command, [
    'soma lock run nightly-digest -- node digest.js',
    'soma lock run nightly-digest --wait 60 -- sh -c \'write --fence "$SOMA_LOCK_FENCING_TOKEN"\'',
  ]);
}

function showState(session: CliSession, state: LockState): void {
  session.details([
    ['held', state.held ? 'yes' : 'no'],
    ['owner', state.owner],
    ['fencing token', state.fencing_token],
    ['expires at', state.expires_at],
  ]);
}
