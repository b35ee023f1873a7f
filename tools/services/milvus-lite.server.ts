import { join } from 'node:path';

import { askMilvus } from './milvus-health.ts';
import { ensureVenv, venvDir } from './python-venv.ts';
import type { VenvSpec } from './python-venv.ts';
import type { Instance, Launch, ServerContext, ServerDefinition } from './server-definition.ts';

// The package does not name pymilvus as a requirement, but its server imports it.
const VENV: VenvSpec = {
  name: 'milvus-lite-3.2.2',
  installs: [['milvus-lite==3.2.2', 'pymilvus==3.0.2']],
};

export const milvusLiteServer: ServerDefinition = {
  name: 'milvus-lite',
  innerPortCount: 0,
  secretNames: [],
  stopSignal: 'SIGTERM',

  install: (context: ServerContext) => ensureVenv(VENV, context),

  prepare: () => Promise.resolve(),

  launch(instance: Instance, context: ServerContext): Promise<Launch> {
    const place = ['--host', '127.0.0.1', '--port', String(instance.port)];
    return Promise.resolve({
      program: join(venvDir(context, VENV), 'bin/milvus-lite'),
      args: ['server', '--data-dir', instance.dataDir, ...place],
      cwd: instance.dataDir,
      env: { PYTHONUNBUFFERED: '1' },
    });
  },

  ask: (instance: Instance) => askMilvus(instance.port),

  environment(instance: Instance): Record<string, string> {
    return { SOMA_MILVUS_LITE_ADDRESS: `127.0.0.1:${String(instance.port)}` };
  },
};
