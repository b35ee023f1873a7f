import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../tools/services/free-port.ts';

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 10_000;
/** One that stands in the certificate which the server makes for itself. */
const NAME = 'kubernetes';

/** Who asks: `admin` may everything, `installer` what a namespace's owner may, `stranger` nothing. */
export type User = 'admin' | 'installer' | 'stranger';

export interface KubernetesAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** What the server warned of, Pod Security included. */
  readonly warnings: readonly string[];
}

/** A kube-apiserver and its etcd, on loopback: everything is admitted or refused, and nothing runs. */
export class ApiServer {
  private readonly children: ChildProcess[] = [];
  private readonly tokens: Readonly<Record<User, string>> = {
    admin: randomBytes(16).toString('hex'),
    installer: randomBytes(16).toString('hex'),
    stranger: randomBytes(16).toString('hex'),
  };
  private port = 0;

  private readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  /** Builds what is not built yet. */
  async start(): Promise<void> {
    const programs = execFileSync('tools/cluster/build.sh', {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }).trim();
    const [client = 0, peer = 0, port = 0] = await freePorts(3);
    this.port = port;
    const store = `http://127.0.0.1:${client}`;
    this.writeFiles();
    this.launch(join(programs, 'etcd'), [
      `--data-dir=${join(this.dir, 'etcd')}`,
      `--listen-client-urls=${store}`,
      `--advertise-client-urls=${store}`,
      `--listen-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-cluster=default=http://127.0.0.1:${peer}`,
      '--unsafe-no-fsync',
    ]);
    this.launch(join(programs, 'kube-apiserver'), [
      `--etcd-servers=${store}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${port}`,
      `--cert-dir=${this.dir}`,
      '--endpoint-reconciler-type=none',
      '--service-cluster-ip-range=10.96.0.0/16',
      `--token-auth-file=${join(this.dir, 'tokens.csv')}`,
      '--anonymous-auth=false',
      '--authorization-mode=RBAC',
      // Its controller, which makes the ServiceAccounts that it asks for, does not run.
      '--disable-admission-plugins=ServiceAccount',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${join(this.dir, 'accounts.pem')}`,
      `--service-account-signing-key-file=${join(this.dir, 'accounts.pem')}`,
      `--audit-policy-file=${join(this.dir, 'audit-policy.json')}`,
      `--audit-log-path=${join(this.dir, 'audit.log')}`,
    ]);
    await this.untilReady();
  }

  /** File for KUBECONFIG by which `user` reaches this server. */
  kubeconfig(user: User): string {
    const path = join(this.dir, `${user}.json`);
    const cluster = {
      server: `https://127.0.0.1:${this.port}`,
      'certificate-authority': join(this.dir, 'apiserver.crt'),
      'tls-server-name': NAME,
    };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster }],
      users: [{ name: user, user: { token: this.tokens[user] } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user } }],
      'current-context': 'test',
    };
    writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
    return path;
  }

  /** Asks as the administrator. A PATCH is a merge patch. */
  async ask(method: string, path: string, body?: object): Promise<KubernetesAnswer> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const asked = request({
      host: '127.0.0.1',
      port: this.port,
      method,
      path,
      ca: readFileSync(join(this.dir, 'apiserver.crt')),
      servername: NAME,
      headers: { authorization: `Bearer ${this.tokens.admin}`, 'content-type': type },
    });
    asked.end(body && JSON.stringify(body));
    const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
    const answer = await text(response);
    const isJson = response.headers['content-type']?.startsWith('application/json') ?? false;
    const warning = response.headers['warning'];
    return {
      status: response.statusCode ?? 0,
      body: isJson ? (JSON.parse(answer) as Record<string, unknown>) : {},
      warnings: warning === undefined ? [] : [warning].flat(),
    };
  }

  /** What the audit says of Pod Security in a namespace: a line for each violation. */
  violations(namespace: string): string[] {
    return readFileSync(join(this.dir, 'audit.log'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('pod-security.kubernetes.io/audit-violations'))
      .filter((line) => line.includes(`"namespace":"${namespace}"`));
  }

  async stop(): Promise<void> {
    for (const child of this.children.toReversed()) {
      if (child.exitCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await Promise.race([ended, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
      child.kill('SIGKILL');
    }
  }

  private writeFiles(): void {
    mkdirSync(this.dir, { recursive: true });
    const lines = [
      `${this.tokens.admin},admin,admin,"system:masters"`,
      `${this.tokens.installer},installer,installer`,
      `${this.tokens.stranger},stranger,stranger`,
    ];
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const policy = {
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      omitStages: ['RequestReceived'],
      rules: [{ level: 'Metadata' }],
    };
    const secret = { mode: 0o600 };
    writeFileSync(join(this.dir, 'tokens.csv'), `${lines.join('\n')}\n`, secret);
    writeFileSync(join(this.dir, 'accounts.pem'), key, secret);
    writeFileSync(join(this.dir, 'audit-policy.json'), JSON.stringify(policy));
    writeFileSync(join(this.dir, 'audit.log'), '');
  }

  private launch(program: string, args: readonly string[]): void {
    const log = openSync(join(this.dir, `${program.split('/').at(-1) ?? ''}.log`), 'a');
    this.children.push(spawn(program, args, { stdio: ['ignore', log, log] }));
    closeSync(log);
  }

  private async untilReady(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      if (existsSync(join(this.dir, 'apiserver.crt'))) {
        const answer = await this.ask('GET', '/readyz').catch(() => undefined);
        if (answer?.status === 200) return;
      }
      const ended = this.children.find(({ exitCode }) => exitCode !== null);
      if (ended || Date.now() > deadline) {
        throw new Error(`${ended?.spawnfile ?? 'kube-apiserver'} did not start; logs: ${this.dir}`);
      }
      await sleep(200);
    }
  }
}
