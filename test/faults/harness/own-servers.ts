import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { processTree } from '../../../tools/services/process-table.ts';
import { waitUntilReady } from '../../../tools/services/readiness.ts';
import { serverDefinition } from '../../../tools/services/server-catalogue.ts';
import type { ServerContext, ServerName } from '../../../tools/services/server-definition.ts';
import { createInstance } from '../../../tools/services/server-instance.ts';
import { killTree, spawnServer } from '../../../tools/services/server-process.ts';
import { serverEnvironment } from '../../../tools/services/server-report.ts';
import { StateFile } from '../../../tools/services/state-file.ts';
import { stopServer } from '../../../tools/services/stop-servers.ts';

/** Without it Milvus waits half a minute for the sessions of a process that was killed. */
const MILVUS_SESSION_TTL = 5;

/** Real servers of this run alone, in a directory of their own, which may be killed. */
export class OwnServers {
  readonly #state: StateFile;
  readonly #context: ServerContext;
  readonly #environments: Partial<Record<ServerName, Readonly<Record<string, string>>>>;

  constructor(
    dir: string,
    abort: AbortSignal,
    environments: Partial<Record<ServerName, Readonly<Record<string, string>>>> = {},
  ) {
    this.#state = new StateFile(dir);
    this.#environments = environments;
    const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
    this.#context = { cacheDir: join(cache, 'soma-services'), abort, log: () => undefined };
  }

  /** Returns once it answers. Known ones come back on their port with their data. */
  async start(name: ServerName): Promise<void> {
    const definition = serverDefinition(name);
    const known = this.#state.servers()[name];
    if (!known) await definition.install(this.#context);
    const instance =
      known?.instance ?? (await createInstance(definition, this.#state.dir, this.#context));
    if (!known && name === 'milvus') await shortenSessions(instance.dataDir);
    const launch = await definition.launch(instance, this.#context);
    const env = { ...launch.env, ...this.#environments[name] };
    const process = await spawnServer({ ...launch, env }, instance.logFile);
    this.#state.put(name, { instance, process });
    await waitUntilReady(definition, instance, process, this.#context.abort);
  }

  async startAll(names: readonly ServerName[]): Promise<void> {
    await Promise.all(names.map((name) => this.start(name)));
  }

  /** `kill -9` of the server and everything it has started. */
  async kill(name: ServerName): Promise<void> {
    const process = this.#state.servers()[name]?.process;
    if (!process || processTree(process).length === 0) throw new Error(`${name} is not running`);
    await killTree(process);
  }

  isRunning(name: ServerName): boolean {
    const process = this.#state.servers()[name]?.process;
    return process !== undefined && processTree(process).length > 0;
  }

  /** The variables that name these servers to the service. */
  environment(): Record<string, string> {
    return serverEnvironment(this.#state);
  }

  /** Ends them and removes their data; logs stay. */
  async stop(): Promise<void> {
    await Promise.all(
      this.#state.names().map((name) => stopServer(name, this.#state, { keepData: false })),
    );
  }
}

async function shortenSessions(dataDir: string): Promise<void> {
  const path = join(dataDir, 'configs/milvus.yaml');
  const text = await readFile(path, 'utf8');
  const shorter = text.replace(/(session:\s*\n\s*ttl:) \d+/, `$1 ${MILVUS_SESSION_TTL}`);
  if (shorter === text) throw new Error(`${path} has no session ttl to shorten`);
  await writeFile(path, shorter);
}
