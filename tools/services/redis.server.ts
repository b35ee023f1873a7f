import { existsSync } from 'node:fs';
import { connect } from 'node:net';

import { installDebianPackage } from './apt-packages.ts';
import type { Instance, Launch, ServerContext, ServerDefinition } from './server-definition.ts';

const PROGRAM = '/usr/bin/redis-server';
const TIMEOUT_MS = 2_000;

export const redisServer: ServerDefinition = {
  name: 'redis',
  innerPortCount: 0,
  secretNames: [],
  stopSignal: 'SIGTERM',

  async install(context: ServerContext): Promise<void> {
    if (!existsSync(PROGRAM)) {
      await installDebianPackage('redis-server', context);
    }
  },

  prepare: () => Promise.resolve(),

  launch(instance: Instance): Promise<Launch> {
    const place = ['--bind', '127.0.0.1', '--port', String(instance.port)];
    // No persistence: what is in Redis may be lost at any time, and tests should feel that.
    const memoryOnly = ['--save', '', '--appendonly', 'no', '--dir', instance.dataDir];
    return Promise.resolve({
      program: PROGRAM,
      args: [...place, ...memoryOnly],
      cwd: instance.dataDir,
    });
  },

  async ask(instance: Instance): Promise<string> {
    const answer = await sendCommand(instance.port, 'INFO server');
    const version = /redis_version:(\S+)/.exec(answer)?.[1];
    if (version === undefined) {
      throw new Error(`unexpected answer to INFO: ${answer.slice(0, 80)}`);
    }
    return `Redis ${version}`;
  },

  environment(instance: Instance): Record<string, string> {
    return { SOMA_REDIS_URL: `redis://127.0.0.1:${String(instance.port)}` };
  },
};

function sendCommand(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: TIMEOUT_MS });
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.once('timeout', () => socket.destroy(new Error('no answer in 2 s')));
    socket.once('error', reject);
    socket.once('close', () => {
      resolve(answer);
    });
    socket.write(`${command}\r\nQUIT\r\n`);
  });
}
