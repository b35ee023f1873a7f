import { isIPv4 } from 'node:net';
import { resolve } from 'node:path';
import type { CliIo } from './cli-io.js';
import { CliError, usageError } from './cli-error.js';
import { EXIT } from './exit-codes.js';
import { readPrivateFile } from './private-file.js';
import { DEFAULT_PROFILE, readProfile, requireProfile, type Profile } from './profile.js';

export const DEFAULT_URL = 'http://127.0.0.1:10101';

/** `tenant` for a tenant's data, `admin` for tenants and tokens, `open` for routes without a token. */
export type Access = 'tenant' | 'admin' | 'open';

export interface ConnectionFlags {
  readonly url?: string;
  readonly token?: string;
  readonly profile?: string;
}

/** Where requests go and with which token. The sources are words for error messages. */
export interface Connection {
  readonly url: URL;
  readonly token?: string;
  readonly tokenSource: string;
}

interface TokenFound {
  readonly token: string;
  readonly source: string;
  /** A stored token goes only to the address it was stored for. */
  readonly onlyFor?: URL;
}

/**
 * Flags first (`--profile` is one), then the environment, then the profile file, then what
 * `npm start` leaves on this machine: the default address and the token file of the data folder,
 * which is never sent to another machine.
 * @throws CliError when no token is found, or when the one found belongs to another address.
 */
export async function resolveConnection(
  flags: ConnectionFlags,
  io: Pick<CliIo, 'env' | 'cwd'>,
  access: Access,
): Promise<Connection> {
  const { env } = io;
  const isChosen = flags.profile !== undefined;
  const profileName = flags.profile ?? (env.SOMA_PROFILE || undefined);
  const environmentUrl = isChosen ? undefined : env.SOMA_URL || undefined;
  const environmentToken = isChosen ? undefined : tokenOfEnvironment(env, access);

  const isComplete =
    (flags.url ?? environmentUrl) !== undefined &&
    (access === 'open' || flags.token !== undefined || environmentToken !== undefined);
  const profile = isComplete && !isChosen ? undefined : await profileOf(env, profileName);

  const url = parseUrl(flags.url ?? environmentUrl ?? profile?.url ?? DEFAULT_URL);
  if (access === 'open') return { url, tokenSource: 'none' };

  const found =
    (flags.token !== undefined && { token: flags.token, source: '--token' }) ||
    environmentToken ||
    tokenOfProfile(profile, profileName ?? DEFAULT_PROFILE, access) ||
    (await tokenOfDataFolder(io, url, access));
  if (!found) throw noToken(url, access);
  return { url, token: checked(found, url), tokenSource: found.source };
}

function profileOf(env: CliIo['env'], name: string | undefined): Promise<Profile | undefined> {
  return name === undefined ? readProfile(env, DEFAULT_PROFILE) : requireProfile(env, name);
}

function tokenOfEnvironment(env: CliIo['env'], access: Access): TokenFound | undefined {
  if (access === 'admin' && env.SOMA_ADMIN_TOKEN) {
    return { token: env.SOMA_ADMIN_TOKEN, source: 'SOMA_ADMIN_TOKEN' };
  }
  return env.SOMA_TOKEN ? { token: env.SOMA_TOKEN, source: 'SOMA_TOKEN' } : undefined;
}

function tokenOfProfile(
  profile: Profile | undefined,
  name: string,
  access: Access,
): TokenFound | undefined {
  if (!profile) return undefined;
  const token = (access === 'admin' ? profile.admin_token : undefined) ?? profile.token;
  return token === undefined
    ? undefined
    : { token, source: `profile "${name}"`, onlyFor: parseUrl(profile.url) };
}

async function tokenOfDataFolder(
  { env, cwd }: Pick<CliIo, 'env' | 'cwd'>,
  url: URL,
  access: Access,
): Promise<TokenFound | undefined> {
  if (!isThisMachine(url)) return undefined;
  const folder = resolve(cwd, env.SOMA_DATA_DIR || './data');
  for (const name of access === 'admin' ? ['admin-token', 'token'] : ['token']) {
    const path = resolve(folder, name);
    const token = (await readPrivateFile(path))?.trim();
    if (token) return { token, source: path };
  }
  return undefined;
}

function checked({ token, source, onlyFor }: TokenFound, url: URL): string {
  if (onlyFor && onlyFor.origin !== url.origin) {
    throw new CliError({
      exitCode: EXIT.REFUSED,
      code: 'TOKEN_OF_ANOTHER_URL',
      detail: `The token of ${source} is for ${onlyFor.origin} and is not sent to ${url.origin}.`,
      hint: 'Give the token of this service with --token or SOMA_TOKEN, or choose its --profile.',
    });
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw usageError(
      `The token from ${source} is empty or has a space, a line end or a letter beyond ASCII.`,
      'Copy it again: it looks like soma_<id>_<secret>.',
    );
  }
  return token;
}

function noToken(url: URL, access: Access): CliError {
  const variable = access === 'admin' ? 'SOMA_ADMIN_TOKEN' : 'SOMA_TOKEN';
  return new CliError({
    exitCode: EXIT.REFUSED,
    code: 'TOKEN_MISSING',
    detail: `No token for ${url.origin}: none of --token, ${variable}, a profile or ./data/token gives one.`,
    hint: isThisMachine(url)
      ? 'Start the service with `npm start` and run this in the same folder, or: soma login --url <url> --token <token>'
      : `Set ${variable}, or keep it: soma login --url ${url.origin} --token <token>`,
  });
}

/** @throws CliError when it is not the http or https address of a service. */
export function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw usageError(
      `"${text}" is not the address of a service.`,
      `Write it with http:// or https://, like ${DEFAULT_URL}.`,
    );
  }
  if (url.username || url.password) {
    throw usageError(
      'A name or password in the address is not used.',
      'Give the token with --token or SOMA_TOKEN.',
    );
  }
  return url;
}

export function isThisMachine({ hostname }: URL): boolean {
  if (hostname === 'localhost' || hostname === '[::1]') return true;
  return isIPv4(hostname) && hostname.startsWith('127.');
}
