import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the client programs of PostgreSQL know of a URL's parameters; they refuse any other. */
const KNOWN = new Set([
  'application_name',
  'channel_binding',
  'connect_timeout',
  'gssencmode',
  'host',
  'hostaddr',
  'port',
  'sslcert',
  'sslcrl',
  'sslkey',
  'sslmode',
  'sslrootcert',
  'target_session_attrs',
]);

/**
 * Gives `use` a URL for the programs of PostgreSQL. The password is not in it, where other users of the
 * machine would see it among the running processes, but in a file of mode 600 that is gone afterwards.
 */
export async function withProgramUrl<Result>(
  url: string,
  settings: Readonly<Record<string, string>>,
  use: (programUrl: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'soma-backup-'));
  try {
    const given = new URL(url);
    const passfile = join(folder, 'password');
    const password = decodeURIComponent(given.password);
    if (password !== '') {
      await writeFile(passfile, `*:*:*:*:${password.replace(/[\\:]/g, '\\$&')}\n`, { mode: 0o600 });
    }
    return await use(programUrl(given, settings, password === '' ? undefined : passfile));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function programUrl(
  given: URL,
  settings: Readonly<Record<string, string>>,
  passfile: string | undefined,
): string {
  const url = new URL(given);
  url.password = '';
  const parameters = [...given.searchParams]
    .filter(([name]) => KNOWN.has(name))
    .map(([name, value]) => [name, value === 'no-verify' ? 'require' : value] as const);
  const options = [
    ...given.searchParams.getAll('options'),
    ...Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`),
  ].join(' ');
  url.search = [
    ...parameters,
    ...(options === '' ? [] : [['options', options] as const]),
    ...(passfile === undefined ? [] : [['passfile', passfile] as const]),
  ]
    // Not by URLSearchParams, which writes a space as a plus.
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  return url.href;
}
