import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { CliIo } from './cli-io.js';
import { CliError, usageError } from './cli-error.js';
import { EXIT } from './exit-codes.js';
import { readPrivateFile, writePrivateFile } from './private-file.js';

export const DEFAULT_PROFILE = 'default';

/** Where a service is and how to be let in; one of several in the profile file. */
export interface Profile {
  readonly url: string;
  readonly token?: string;
  readonly admin_token?: string;
}

type Profiles = Readonly<Record<string, Profile>>;

/** `$XDG_CONFIG_HOME/soma/config.json`, or `~/.config/soma/config.json`. */
export function profilePath(env: CliIo['env']): string {
  const { XDG_CONFIG_HOME: xdg, HOME: home } = env;
  const base = xdg && isAbsolute(xdg) ? xdg : join(home || homedir(), '.config');
  return join(base, 'soma', 'config.json');
}

/** @throws CliError when the file is not private or not a profile file. */
export async function readProfile(env: CliIo['env'], name: string): Promise<Profile | undefined> {
  const profiles = await readProfiles(profilePath(env));
  return Object.hasOwn(profiles, name) ? profiles[name] : undefined;
}

/** @throws CliError naming the profiles there are, when `name` is not one of them. */
export async function requireProfile(env: CliIo['env'], name: string): Promise<Profile> {
  const path = profilePath(env);
  const profiles = await readProfiles(path);
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile) return profile;
  const names = Object.keys(profiles);
  throw usageError(
    `There is no profile "${name}" in ${path}; ${names.length ? `it has ${names.join(', ')}` : 'it has none'}.`,
    `Make it with: soma login --profile ${name} --url <url> --token <token>`,
  );
}

/** Adds or replaces a profile; returns the path of the file, which has mode 600. */
export async function saveProfile(
  env: CliIo['env'],
  name: string,
  profile: Profile,
): Promise<string> {
  const path = profilePath(env);
  const profiles = await readProfiles(path);
  await writeProfiles(path, { ...profiles, [name]: profile });
  return path;
}

/** @throws CliError when there is no such profile. */
export async function removeProfile(env: CliIo['env'], name: string): Promise<string> {
  await requireProfile(env, name);
  const path = profilePath(env);
  const { [name]: _removed, ...others } = await readProfiles(path);
  await writeProfiles(path, others);
  return path;
}

async function writeProfiles(path: string, profiles: Profiles): Promise<void> {
  await writePrivateFile(path, `${JSON.stringify({ profiles }, null, 2)}\n`).catch(
    (error: NodeJS.ErrnoException) => {
      throw new CliError({
        exitCode: EXIT.USAGE,
        code: 'PROFILE_NOT_WRITTEN',
        detail: `Cannot write ${path}: ${error.code ?? error.message}.`,
        hint: 'Make the folder writable, or choose another with XDG_CONFIG_HOME.',
      });
    },
  );
}

async function readProfiles(path: string): Promise<Profiles> {
  const text = await readPrivateFile(path);
  if (text === undefined) return {};
  const profiles = profilesIn(text);
  if (profiles) return profiles;
  throw new CliError({
    exitCode: EXIT.USAGE,
    code: 'PROFILE_FILE_INVALID',
    detail: `${path} is not a profile file: {"profiles":{"default":{"url":"…","token":"…"}}}.`,
    hint: 'Mend it by hand, or remove it and run: soma login --url <url> --token <token>',
  });
}

function profilesIn(text: string): Profiles | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (!isRecord(parsed) || !isRecord(parsed.profiles)) return undefined;
    const { profiles } = parsed;
    return areProfiles(profiles) ? profiles : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isOptionalText = (value: unknown): boolean =>
  value === undefined || typeof value === 'string';

function areProfiles(value: Record<string, unknown>): value is Record<string, Profile> {
  return Object.values(value).every(
    (profile) =>
      isRecord(profile) &&
      typeof profile.url === 'string' &&
      isOptionalText(profile.token) &&
      isOptionalText(profile.admin_token),
  );
}
