import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { ApiServer, User } from './api-server.ts';

export const CHART = 'helm/soma-fractal-memory';

export interface HelmResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An object that a release has, as far as it is looked at. */
export interface ReleasedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** The helm program, asked in one namespace. */
export class Helm {
  private static program: string | undefined;

  private readonly server: ApiServer;
  private readonly dir: string;
  private readonly namespace: string;

  constructor(server: ApiServer, dir: string, namespace: string) {
    this.server = server;
    this.dir = dir;
    this.namespace = namespace;
  }

  async run(user: User, ...args: string[]): Promise<HelmResult> {
    Helm.program ??= execFileSync('tools/helm/build.sh', { encoding: 'utf8' }).trim();
    const home = join(this.dir, 'helm');
    mkdirSync(home, { recursive: true });
    const child = spawn(Helm.program, [...args, '--namespace', this.namespace], {
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        KUBECONFIG: this.server.kubeconfig(user),
        HELM_CACHE_HOME: home,
        HELM_CONFIG_HOME: home,
        HELM_DATA_HOME: home,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [status] = (await once(child, 'close')) as [number | null];
    return { status: status ?? 1, stdout, stderr };
  }

  /** What the release has now, without hooks. */
  async objects(release: string, user: User = 'installer'): Promise<ReleasedObject[]> {
    const { stdout } = await this.run(user, 'get', 'manifest', release);
    return documentsIn(stdout);
  }

  /** Its hooks. */
  async hooks(release: string, user: User = 'installer'): Promise<ReleasedObject[]> {
    const { stdout } = await this.run(user, 'get', 'hooks', release);
    return documentsIn(stdout);
  }
}

const documentsIn = (text: string): ReleasedObject[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as ReleasedObject | null)
    .filter((object) => object !== null);
