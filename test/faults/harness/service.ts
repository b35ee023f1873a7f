import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../bench/free-port.ts';
import { pause } from './pause.ts';
import { Sender } from './sender.ts';
import { ServiceProcess } from './service-process.ts';

/** Counts what PostgreSQL could not do. */
export const STORE_FAILURES = 'soma_store_failures_total';

export type Role = 'api' | 'worker';

export interface ServiceOptions {
  /** For logs. */
  readonly dir: string;
  /** Where the dependencies are; more settings of this run. */
  readonly settings: Readonly<Record<string, string>>;
  /** Variables of the process itself, by role. */
  readonly environments?: Partial<Record<Role, Readonly<Record<string, string>>>>;
}

export interface Tenant {
  readonly id: string;
  readonly sender: Sender;
}

const READY_WITHIN_MS = 240_000;
const POLL_MS = 100;
const SCOPES = ['memories:read', 'memories:write'];

/** The built api and worker as they run in production, which are started again when they end. */
export class Service {
  readonly #processes: Readonly<Record<Role, ServiceProcess>>;
  readonly #urls: Readonly<Record<Role, string>>;
  readonly #operator: Sender;
  readonly #senders: Sender[] = [];

  private constructor(
    processes: Readonly<Record<Role, ServiceProcess>>,
    urls: Readonly<Record<Role, string>>,
    adminToken: string,
  ) {
    this.#processes = processes;
    this.#urls = urls;
    this.#operator = new Sender(urls.api, adminToken);
  }

  /** Migrates, starts both and waits until both are ready. */
  static async start({ dir, settings, environments = {} }: ServiceOptions): Promise<Service> {
    mkdirSync(dir, { recursive: true });
    const [apiPort, workerPort] = [await freePort(), await freePort()];
    const adminToken = `faults-${randomBytes(24).toString('hex')}`;
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('SOMA_'));
    const env = {
      ...Object.fromEntries(inherited),
      NODE_ENV: 'production',
      GRPC_NODE_VERBOSITY: 'NONE',
      SOMA_API_HOST: '127.0.0.1',
      SOMA_API_PORT: String(apiPort),
      SOMA_WORKER_PORT: String(workerPort),
      SOMA_DATA_DIR: join(dir, 'data'),
      SOMA_ADMIN_TOKEN: adminToken,
      SOMA_RATE_LIMIT_PER_SECOND: '100000',
      // What a fault costs is measured, not what the hierarchy costs on the same two cores.
      SOMA_CONSOLIDATE_INTERVAL_S: '0',
      SOMA_LOG_LEVEL: 'warn',
      ...settings,
    };
    await new ServiceProcess('migrate', dir, env).runToEnd();
    const processes = {
      api: new ServiceProcess('api', dir, { ...env, ...environments.api }),
      worker: new ServiceProcess('worker', dir, { ...env, ...environments.worker }),
    };
    const urls = {
      api: `http://127.0.0.1:${apiPort}`,
      worker: `http://127.0.0.1:${workerPort}`,
    };
    const service = new Service(processes, urls, adminToken);
    processes.api.start();
    processes.worker.start();
    try {
      await service.untilWell();
      return service;
    } catch (error) {
      await service.stop();
      throw error;
    }
  }

  /** `kill -9`; it is started again at once, as a supervisor does. */
  kill(role: Role): void {
    this.#processes[role].kill();
  }

  /** Ends it in good order, and leaves it so until it is started again. */
  stopOne(role: Role): Promise<void> {
    return this.#processes[role].stop();
  }

  startAgain(role: Role): void {
    this.#processes[role].startAgain();
  }

  /** Stops the process where it is, and lets it go on with `false`. */
  holdUp(role: Role, isHeld: boolean): void {
    this.#processes[role].holdUp(isHeld);
  }

  /** Asks the API as the operator. @throws when the answer is no success. */
  operate<Body>(method: string, path: string, body: unknown): Promise<Body> {
    return this.#operator.ask<Body>(method, path, { body });
  }

  /** One that comes with a token of nobody. */
  stranger(): Sender {
    const sender = new Sender(this.#urls.api, `soma_${randomBytes(32).toString('hex')}`);
    this.#senders.push(sender);
    return sender;
  }

  /** How often a process ended that nobody here had killed. */
  get crashes(): number {
    return this.#processes.api.crashes + this.#processes.worker.crashes;
  }

  async tenant(): Promise<Tenant> {
    const name = `faults-${randomBytes(6).toString('hex')}`;
    const { id } = await this.#operator.ask<{ id: string }>('POST', '/admin/tenants', {
      body: { name },
    });
    const { token } = await this.#operator.ask<{ token: string }>(
      'POST',
      `/admin/tenants/${id}/tokens`,
      { body: { name: 'faults', scopes: SCOPES } },
    );
    const sender = new Sender(this.#urls.api, token);
    this.#senders.push(sender);
    return { id, sender };
  }

  /** Whether both say `ok`, every dependency included. */
  async isWell(): Promise<boolean> {
    const [api, worker] = await Promise.all([this.#readiness('api'), this.#readiness('worker')]);
    return api === 'ok' && worker === 'ok';
  }

  /** @throws after four minutes, saying what is not well. */
  async untilWell(): Promise<void> {
    for (const end = performance.now() + READY_WITHIN_MS; performance.now() < end;) {
      if (await this.isWell()) return;
      await pause(POLL_MS);
    }
    const [api, worker] = await Promise.all([this.#readiness('api'), this.#readiness('worker')]);
    throw new Error(
      `the service is not well after ${READY_WITHIN_MS / 1000} s: api ${api}, worker ${worker}; ` +
        `the end of its log:\n${this.#processes.api.logTail()}`,
    );
  }

  /** The sum of a metric over its labels that hold `label`, of both processes. */
  async metric(name: string, label = ''): Promise<number> {
    const texts = await Promise.all([this.metrics('api'), this.metrics('worker')]);
    return texts
      .flatMap((text = '') => text.split('\n'))
      .filter((line) => line.startsWith(name) && line.includes(label))
      .filter((line) => [' ', '{'].includes(line.charAt(name.length)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  /** What a process answers at /metrics; undefined when it does not, within `withinMs`. */
  async metrics(role: Role, withinMs = 10_000): Promise<string | undefined> {
    try {
      const answer = await fetch(`${this.#urls[role]}/metrics`, {
        signal: AbortSignal.timeout(withinMs),
      });
      return answer.ok ? await answer.text() : undefined;
    } catch {
      return undefined;
    }
  }

  async stop(): Promise<void> {
    for (const sender of this.#senders) sender.close();
    this.#operator.close();
    await Promise.all([this.#processes.api.stop(), this.#processes.worker.stop()]);
  }

  async #readiness(role: Role): Promise<string> {
    try {
      const answer = await fetch(`${this.#urls[role]}/readyz`, {
        signal: AbortSignal.timeout(10_000),
      });
      const { status, dependencies } = (await answer.json()) as Readiness;
      if (status === 'ok') return status;
      const down = Object.entries(dependencies).filter(([, { status }]) => status !== 'ok');
      return `${status} (${down.map(([name]) => name).join(', ')})`;
    } catch {
      return 'away';
    }
  }
}

interface Readiness {
  readonly status: string;
  readonly dependencies: Readonly<Record<string, { readonly status: string }>>;
}
