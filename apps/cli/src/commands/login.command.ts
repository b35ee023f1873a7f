import type { Command } from 'commander';
import { CliError, usageError } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { onRun, type CliSession, type GlobalOptions } from '../cli-session.js';
import { DEFAULT_URL, isThisMachine, parseUrl } from '../connection.js';
import { EXIT } from '../exit-codes.js';
import { withExamples } from '../examples.js';
import { DEFAULT_PROFILE, removeProfile, saveProfile } from '../profile.js';

interface LoginOptions extends GlobalOptions {
  readonly adminToken?: string;
  readonly check: boolean;
}

export function loginCommand(program: Command, io: CliIo): void {
  const command = program
    .command('login')
    .description('keep an address and a token in the profile file (mode 600)')
    .option('--admin-token <token>', 'token for `soma tenants` and `soma tokens`')
    .option('--no-check', 'do not try the token first');
  onRun<LoginOptions>(command, io, async (session, options) => {
    const { env } = session.io;
    const url = parseUrl(options.url ?? (env.SOMA_URL || DEFAULT_URL));
    const token = await tokenFor(session, options);
    if (options.check) await tryToken(session, url, token);

    const name = options.profile ?? (env.SOMA_PROFILE || DEFAULT_PROFILE);
    const profile = { url: url.href, token, admin_token: options.adminToken };
    const path = await saveProfile(env, name, profile);
    session.showValue({ profile: name, url: url.href, path }, () =>
      session.print(`Profile "${name}" for ${url.href} is kept in ${path}\n`),
    );
    if (url.protocol === 'http:' && !isThisMachine(url)) {
      session.warn('over http:// the token can be read on the way; use https:// where you can');
    }
  });
  withExamples(command, [
    'soma login --url https://memory.example.com --token soma_ID_SECRET',
    'soma login --url https://memory.example.com --profile work --token - < token.txt',
  ]);
}

export function logoutCommand(program: Command, io: CliIo): void {
  const command = program
    .command('logout')
    .description('remove a profile from the profile file (the token itself stays good)');
  onRun<GlobalOptions>(command, io, async (session, options) => {
    const { env } = session.io;
    const name = options.profile ?? (env.SOMA_PROFILE || DEFAULT_PROFILE);
    const path = await removeProfile(env, name);
    session.showValue({ profile: name, path }, () =>
      session.print(`Profile "${name}" is removed from ${path}\n`),
    );
  });
  withExamples(command, ['soma logout', 'soma logout --profile work']);
}

async function tokenFor(session: CliSession, { token: flag }: LoginOptions): Promise<string> {
  const given = (await session.text('--token', flag)) ?? session.io.env.SOMA_TOKEN;
  const token = given?.trim();
  if (token && /^[\x21-\x7e]+$/.test(token)) return token;
  throw usageError(
    token ? 'The token has a space or a letter beyond ASCII.' : 'No token is given.',
    'Give --token soma_<id>_<secret>, or --token - to read it from standard input.',
  );
}

/** A token without the scope for this question is still a good token. */
async function tryToken(session: CliSession, url: URL, token: string): Promise<void> {
  try {
    await session.apiAt(url, token).send({ path: '/stats' });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (error.parts.status === 403) return;
    const isRefused = error.parts.exitCode === EXIT.REFUSED;
    throw error.with({
      detail: `Nothing was kept. ${error.parts.detail}`,
      hint: isRefused
        ? 'Check that the token was copied whole and was made for this service.'
        : `${error.parts.hint ?? ''} Keep it untried with --no-check.`.trim(),
    });
  }
}
