import { chown, rm, writeFile } from 'node:fs/promises';

import { installDebianPackage } from './apt-packages.ts';
import { newestBinDir, postgresProgram as program } from './postgres-programs.ts';
import { runProgram } from './run-program.ts';
import type { Instance, Launch, ServerContext, ServerDefinition } from './server-definition.ts';

const OWNER = 'soma_owner';
const DATABASE = 'soma';
// The role is created by the project's own migration runner, with the password in this URL.
const LOGIN = 'soma_login';

export const postgresServer: ServerDefinition = {
  name: 'postgres',
  innerPortCount: 0,
  secretNames: ['ownerPassword', 'loginPassword'],
  // Fast shutdown: SIGTERM would wait for every client to leave.
  stopSignal: 'SIGINT',

  async install(context: ServerContext): Promise<void> {
    if (newestBinDir() === undefined) {
      await installDebianPackage('postgresql', context);
    }
  },

  async prepare(instance: Instance, context: ServerContext): Promise<void> {
    const user = await serverUser();
    const run = { user, abort: context.abort };
    const passwordFile = `${instance.dataDir}.password`;
    await writeFile(passwordFile, secret(instance, 'ownerPassword'), { mode: 0o600 });
    try {
      if (user) {
        await chown(instance.dataDir, user.uid, user.gid);
        await chown(passwordFile, user.uid, user.gid);
      }
      const authentication = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`];
      const locale = ['--encoding=UTF8', '--locale=C.UTF-8'];
      const where = ['-D', instance.dataDir, '-U', OWNER];
      await runProgram(program('initdb'), [...where, ...authentication, ...locale], run);
      await runProgram(program('postgres'), ['--single', '-D', instance.dataDir, 'postgres'], {
        ...run,
        input: `CREATE DATABASE ${DATABASE}\n`,
      });
    } finally {
      await rm(passwordFile);
    }
  },

  async launch(instance: Instance): Promise<Launch> {
    const settings = {
      port: instance.port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: 200,
    };
    return {
      program: program('postgres'),
      args: [
        '-D',
        instance.dataDir,
        ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${String(value)}`]),
      ],
      cwd: instance.dataDir,
      user: await serverUser(),
    };
  },

  async ask(instance: Instance): Promise<string> {
    const version = await runProgram(
      program('psql'),
      ['-AtX', '-d', ownerUrl(instance), '-c', 'SHOW server_version'],
      { env: { PGCONNECT_TIMEOUT: '5' }, timeoutMs: 10_000 },
    );
    return `PostgreSQL ${version.trim()}`;
  },

  environment(instance: Instance): Record<string, string> {
    return {
      SOMA_POSTGRES_BIN_DIR: newestBinDir() ?? '',
      SOMA_POSTGRES_OWNER_URL: ownerUrl(instance),
      SOMA_POSTGRES_URL: url(instance, LOGIN, secret(instance, 'loginPassword')),
    };
  },
};

function ownerUrl(instance: Instance): string {
  return url(instance, OWNER, secret(instance, 'ownerPassword'));
}

function url(instance: Instance, role: string, password: string): string {
  return `postgresql://${role}:${password}@127.0.0.1:${String(instance.port)}/${DATABASE}`;
}

function secret(instance: Instance, name: string): string {
  const value = instance.secrets[name];
  if (value === undefined) {
    throw new Error(`state.json has no secret '${name}' for postgres`);
  }
  return value;
}

/** PostgreSQL refuses to run as root, so root hands it to the user the Debian package made. */
async function serverUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map((flag) => runProgram('id', [flag, 'postgres'])),
  );
  return { uid: Number(uid), gid: Number(gid) };
}
