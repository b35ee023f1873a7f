import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { withMachineLock } from './machine-lock.ts';
import {
  MILVUS_INNER_PORTS,
  MILVUS_SETTINGS,
  etcdYaml,
  milvusPorts,
  milvusYaml,
} from './milvus-config.ts';
import { askMilvus } from './milvus-health.ts';
import { secondsSince } from './progress.ts';
import { ensureVenv, venvDir } from './python-venv.ts';
import type { VenvSpec } from './python-venv.ts';
import { runProgram } from './run-program.ts';
import type { Instance, Launch, ServerContext, ServerDefinition } from './server-definition.ts';

const VERSION = '2.3.5';
const VENV: VenvSpec = { name: `milvus-${VERSION}`, installs: [[`milvus==${VERSION}`]] };

// The package carries the server compressed and unpacks it into every data directory anew; here
// it is unpacked once. Its own launcher is not used: it stops the server with SIGKILL after 1 s,
// and its bind test refuses the old port while connections of a killed server are in TIME_WAIT.
const UNPACK = `
import milvus, os, shutil, sys
data = os.path.join(os.path.dirname(milvus.__file__), 'data')
milvus._initialize_data_files(sys.argv[1])
for name in ('config.yaml.template', 'glog.conf'):
    shutil.copy(os.path.join(data, name), sys.argv[1])
`;

export const milvusServer: ServerDefinition = {
  name: 'milvus',
  innerPortCount: MILVUS_INNER_PORTS,
  secretNames: [],
  stopSignal: 'SIGTERM',

  async install(context: ServerContext): Promise<void> {
    const dir = unpackedDir(context);
    await mkdir(context.cacheDir, { recursive: true });
    await withMachineLock(dir, context.abort, async () => {
      if (existsSync(join(dir, '.complete'))) {
        return;
      }
      await ensureVenv(VENV, context);
      await rm(dir, { recursive: true, force: true });
      await mkdir(dir);
      const python = join(venvDir(context, VENV), 'bin/python');
      const begin = performance.now();
      await runProgram(python, ['-c', UNPACK, dir], { abort: context.abort });
      await writeFile(join(dir, '.complete'), '');
      context.log(`unpacked the server (${secondsSince(begin)})`);
    });
  },

  async prepare(instance: Instance, context: ServerContext): Promise<void> {
    const configs = join(instance.dataDir, 'configs');
    await mkdir(configs);
    await mkdir(join(instance.dataDir, 'logs'));
    const unpacked = unpackedDir(context);
    const template = await readFile(join(unpacked, 'config.yaml.template'), 'utf8');
    await copyFile(join(unpacked, 'glog.conf'), join(configs, 'glog.conf'));
    await writeFile(join(configs, 'milvus.yaml'), milvusYaml(template, instance));
    await writeFile(join(configs, 'etcd.yaml'), etcdYaml(instance));
  },

  launch(instance: Instance, context: ServerContext): Promise<Launch> {
    const bin = join(unpackedDir(context), 'bin');
    return Promise.resolve({
      program: join(bin, 'milvus'),
      args: ['run', 'standalone'],
      // It reads ./configs and writes ./logs.
      cwd: instance.dataDir,
      env: {
        DEPLOY_MODE: 'STANDALONE',
        LD_LIBRARY_PATH: bin,
        METRICS_PORT: String(milvusPorts(instance).metrics),
        MILVUS_RUN_DIR: join(instance.dataDir, 'run'),
        ...MILVUS_SETTINGS,
      },
    });
  },

  ask: (instance: Instance) => askMilvus(instance.port),

  environment(instance: Instance): Record<string, string> {
    return { SOMA_MILVUS_ADDRESS: `127.0.0.1:${String(instance.port)}` };
  },
};

function unpackedDir(context: ServerContext): string {
  return join(context.cacheDir, `milvus-${VERSION}-server`);
}
