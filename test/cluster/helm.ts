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

/** The versions of Helm that the chart is for. */
export const MAJORS = ['3', '4'] as const;

export type Major = (typeof MAJORS)[number];

/** Where the helm program is; built when it is not there yet. */
export const helmProgram = (major: Major): string =>
  execFileSync('tools/helm/build.sh', [major], { encoding: 'utf8' }).trim();

/** The helm program of a version, asked in one namespace. */
export class Helm {
  private readonly program: string;
  private readonly server: ApiServer;
  private readonly dir: string;
  private readonly namespace: string;

  constructor(major: Major, server: ApiServer, dir: string, namespace: string) {
    this.program = helmProgram(major);
    this.server = server;
    this.dir = join(dir, `helm-${major}`);
    this.namespace = namespace;
  }

  async run(user: User, ...args: string[]): Promise<HelmResult> {
    const home = this.dir;
    mkdirSync(home, { recursive: true });
    const child = spawn(this.program, [...args, '--namespace', this.namespace], {
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
