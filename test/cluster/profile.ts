import type { ApiServer } from './api-server.ts';
import { CHART, Helm, type HelmResult, type Major, type ReleasedObject } from './helm.ts';
import { Namespace } from './namespace.ts';

export const PROFILES = ['values', 'values-production', 'values-production-ha'] as const;

export type Profile = (typeof PROFILES)[number];

export interface ProfileReport {
  readonly profile: string;
  readonly helm: Major;
  /** Made by the installation, hooks apart. */
  readonly objects: number;
  readonly hooks: number;
  /** Everything that helm and the server warned of, Pod Security included. */
  readonly warnings: readonly string[];
  /** What was promised and did not hold. */
  readonly broken: readonly string[];
}

const RELEASE = 'memory';
const USERS = 'test/cluster/users-values.yaml';
const EVERYTHING = 'tools/helm/everything.yaml';
const RESTORE = 'backup.enabled=true,restore.file=soma-20261122T021700Z.backup';

/** What the Secret holds that the production profiles ask for. */
const OWN_SECRET = {
  SOMA_POSTGRES_URL: 'postgresql://soma_login:one@postgres.data:5432/soma',
  SOMA_POSTGRES_OWNER_URL: 'postgresql://soma_owner:two@postgres.data:5432/soma',
  SOMA_REDIS_URL: 'redis://:three@redis.data:6379',
  SOMA_ADMIN_TOKEN: 'an-operator-token-of-this-test',
};

/** The life of a release of one profile on a server, from the first installation to the second. */
export class ProfileTrial {
  private readonly helm: Helm;
  private readonly namespace: Namespace;
  private readonly warnings: string[] = [];
  private readonly broken: string[] = [];

  private readonly major: Major;
  private readonly server: ApiServer;
  private readonly profile: Profile;

  constructor(major: Major, server: ApiServer, dir: string, profile: Profile) {
    this.major = major;
    this.server = server;
    this.profile = profile;
    this.namespace = new Namespace(server, `trial-${profile}-helm-${major}`);
    this.helm = new Helm(major, server, dir, this.namespace.name);
  }

  async run(): Promise<ProfileReport> {
    await this.namespace.create();
    if (this.profile !== 'values') await this.namespace.makeSecret('soma', OWN_SECRET);
    await this.isRefusedToStrangers();
    const { objects, hooks } = await this.installs();
    await this.isInstalledOnce();
    await this.isAllowedNothing();
    await this.isUpgraded();
    await this.isRolledBack(objects);
    await this.isUninstalled();
    this.warnings.push(...this.server.violations(this.namespace.name));
    return {
      profile: this.profile,
      helm: this.major,
      objects: objects.length,
      hooks,
      warnings: this.warnings,
      broken: this.broken,
    };
  }

  private async isRefusedToStrangers(): Promise<void> {
    const { status, stderr } = await this.helm.run('stranger', ...this.withValues('install'));
    this.promise('a stranger cannot install it', status !== 0 && /forbidden/i.test(stderr));
  }

  private async installs(): Promise<{ objects: ReleasedObject[]; hooks: number }> {
    this.succeeds('install', await this.change(...this.withValues('install')));
    const objects = await this.helm.objects(RELEASE);
    await this.areThere('installed', objects);
    return { objects, hooks: (await this.helm.hooks(RELEASE)).length };
  }

  private async isInstalledOnce(): Promise<void> {
    const { status, stderr } = await this.helm.run('installer', ...this.withValues('install'));
    const isSaid = /cannot re-?use a name that is still in use/.test(stderr);
    this.promise('a second installation of the release is refused', status !== 0 && isSaid);
  }

  private async isAllowedNothing(): Promise<void> {
    for (const verb of ['get', 'list', 'create']) {
      for (const resource of ['secrets', 'pods', 'configmaps']) {
        const may = await this.namespace.mayAccount(RELEASE, verb, resource);
        this.promise(`its ServiceAccount may not ${verb} ${resource}`, !may);
      }
    }
  }

  private async isUpgraded(): Promise<void> {
    const secrets = await this.namespace.secrets();
    const steps = { everything: ['--values', EVERYTHING], restore: ['--set', RESTORE] };
    for (const [name, args] of Object.entries(steps)) {
      this.succeeds(`upgrade, ${name}`, await this.change(...this.withValues('upgrade'), ...args));
      await this.areThere(`upgraded, ${name}`, await this.helm.objects(RELEASE));
    }
    this.promise(
      'secrets are the same after upgrades',
      same(secrets, await this.namespace.secrets()),
    );
    this.promise('there are secrets', Object.keys(secrets).length > 0);
  }

  private async isRolledBack(first: readonly ReleasedObject[]): Promise<void> {
    const upgraded = await this.helm.objects(RELEASE);
    this.succeeds('rollback', await this.change('rollback', RELEASE, '1'));
    const objects = await this.helm.objects(RELEASE);
    this.promise('a rollback has the objects of the first revision', same(first, objects));
    await this.areThere('rolled back', objects);
    const names = new Set(first.map(nameOf));
    await this.areGone(
      'rolled back',
      upgraded.filter((object) => !names.has(nameOf(object))),
    );
  }

  private async isUninstalled(): Promise<void> {
    const secrets = await this.namespace.secrets();
    const objects = await this.helm.objects(RELEASE);
    this.succeeds('uninstall', await this.change('uninstall', RELEASE));
    await this.areGone('uninstalled', objects);
    await this.areThere('uninstalled', objects.filter(isKept));
    this.succeeds('install again', await this.change(...this.withValues('install')));
    const after = await this.namespace.secrets();
    this.promise('secrets are the same after uninstalling and installing', same(secrets, after));
    this.succeeds('uninstall again', await this.change('uninstall', RELEASE));
  }

  private withValues(verb: 'install' | 'upgrade'): string[] {
    return [verb, RELEASE, CHART, '--values', `${CHART}/${this.profile}.yaml`, '--values', USERS];
  }

  /** Runs a command that changes the release; what it says beside its answer is a warning. */
  private async change(...args: string[]): Promise<HelmResult> {
    const result = await this.namespace.whileJobsSucceed(this.helm.run('installer', ...args));
    // Of an object that stays where a release goes, and on purpose.
    const said = result.stderr.split('\n').filter((line) => line.trim() !== '');
    if (result.status === 0) this.warnings.push(...said);
    return result;
  }

  private succeeds(what: string, { status, stderr }: HelmResult): void {
    this.promise(`${what}: ${stderr.trim()}`, status === 0);
  }

  private async areThere(when: string, objects: readonly ReleasedObject[]): Promise<void> {
    for (const object of objects) {
      const found = await this.namespace.read(object);
      this.promise(`${when}: ${nameOf(object)} is there`, found !== undefined);
    }
  }

  private async areGone(when: string, objects: readonly ReleasedObject[]): Promise<void> {
    for (const object of objects.filter((one) => !isKept(one))) {
      const found = await this.namespace.read(object);
      this.promise(`${when}: ${nameOf(object)} is gone`, found === undefined);
    }
  }

  private promise(text: string, holds: boolean): void {
    if (!holds) this.broken.push(text);
  }
}

const nameOf = ({ kind, metadata }: ReleasedObject): string => `${kind} ${metadata.name}`;

const isKept = ({ metadata }: ReleasedObject): boolean =>
  metadata.annotations?.['helm.sh/resource-policy'] === 'keep';

const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
