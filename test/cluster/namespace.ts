import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiServer } from './api-server.ts';
import type { ReleasedObject } from './helm.ts';

/**
 * What an owner of a namespace may. The role `admin` is made of these by a controller, which does not run here;
 * the last is what the operators' own roles add to it.
 */
const OWNERS_ROLES = [
  'system:aggregate-to-view',
  'system:aggregate-to-edit',
  'system:aggregate-to-admin',
  'test:operators-kinds',
];

const OPERATORS_KINDS = [
  { apiGroups: ['monitoring.coreos.com'], resources: ['servicemonitors', 'prometheusrules'] },
  { apiGroups: ['gateway.networking.k8s.io'], resources: ['httproutes'] },
];

const PATHS_OF_GROUPS: Record<string, string> = { v1: '/api/v1' };

interface Listed {
  readonly items?: readonly {
    readonly metadata: { readonly name: string };
    readonly data?: Readonly<Record<string, string>>;
    readonly status?: { readonly conditions?: readonly object[] };
  }[];
}

/** One namespace of the server, in which Pod Security warns of, and audits, what is not `restricted`. */
export class Namespace {
  private readonly plurals = new Map<string, string>();

  readonly name: string;
  private readonly server: ApiServer;

  constructor(server: ApiServer, name: string) {
    this.server = server;
    this.name = name;
  }

  async create(): Promise<void> {
    const levels = { warn: 'restricted', audit: 'restricted' };
    const labels = Object.entries(levels).flatMap(([mode, level]) => [
      [`pod-security.kubernetes.io/${mode}`, level],
      [`pod-security.kubernetes.io/${mode}-version`, 'latest'],
    ]);
    await this.make('/api/v1/namespaces', {
      metadata: { name: this.name, labels: Object.fromEntries(labels) as object },
    });
    const roles = '/apis/rbac.authorization.k8s.io/v1';
    const rules = OPERATORS_KINDS.map((rule) => ({ ...rule, verbs: ['*'] }));
    await this.server.ask('POST', `${roles}/clusterroles`, {
      metadata: { name: 'test:operators-kinds' },
      rules,
    });
    const rbac = 'rbac.authorization.k8s.io';
    for (const role of OWNERS_ROLES) {
      await this.make(`${roles}/namespaces/${this.name}/rolebindings`, {
        metadata: { name: `owner-${role.replaceAll(':', '-')}` },
        roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
        subjects: [{ apiGroup: rbac, kind: 'User', name: 'installer' }],
      });
    }
  }

  async makeSecret(name: string, text: Readonly<Record<string, string>>): Promise<void> {
    await this.make(`/api/v1/namespaces/${this.name}/secrets`, {
      metadata: { name },
      stringData: text,
    });
  }

  /** What the server has of an object; undefined when it has none. */
  async read(object: ReleasedObject): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { status, body } = await this.server.ask('GET', await this.pathOf(object));
    return status === 200 ? body : undefined;
  }

  /** Values in the Secrets of the namespace, but for those in which Helm keeps its releases. */
  async secrets(): Promise<Record<string, Readonly<Record<string, string>>>> {
    const { items = [] } = await this.list('/api/v1', 'secrets');
    const ours = items.filter(({ metadata }) => !metadata.name.startsWith('sh.helm.release.'));
    return Object.fromEntries(ours.map(({ metadata, data = {} }) => [metadata.name, data]));
  }

  /** Whether a pod that gives nothing up is warned of and audited: whether the absence of warnings says something. */
  async judgesPods(): Promise<boolean> {
    const pods = `/api/v1/namespaces/${this.name}/pods?dryRun=All`;
    const { warnings } = await this.server.ask('POST', pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'careless' },
      spec: { containers: [{ name: 'a', image: 'a' }] },
    });
    return (
      warnings.some((warning) => warning.includes('violate PodSecurity')) &&
      this.server.violations(this.name).length === 1
    );
  }

  /** Whether a pod under this ServiceAccount may do something to a resource. */
  async mayAccount(account: string, verb: string, resource: string): Promise<boolean> {
    const { body } = await this.server.ask(
      'POST',
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: {
          user: `system:serviceaccount:${this.name}:${account}`,
          groups: [
            'system:serviceaccounts',
            `system:serviceaccounts:${this.name}`,
            'system:authenticated',
          ],
          resourceAttributes: { namespace: this.name, verb, resource },
        },
      },
    );
    return (body as { status?: { allowed?: boolean } }).status?.allowed ?? true;
  }

  /** Stands in for what runs Jobs while `work` goes on: each one succeeds. @returns what `work` does. */
  async whileJobsSucceed<Result>(work: Promise<Result>): Promise<Result> {
    const over = work.then(
      () => true,
      () => true,
    );
    for (;;) {
      const { items = [] } = await this.list('/apis/batch/v1', 'jobs');
      for (const { metadata, status } of items) {
        if (!status?.conditions?.length) await this.succeed(metadata.name);
      }
      if (await Promise.race([over, sleep(200, false)])) return work;
    }
  }

  private async succeed(job: string): Promise<void> {
    const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const condition = (type: string) => ({ type, status: 'True', lastTransitionTime: now });
    const path = `/apis/batch/v1/namespaces/${this.name}/jobs/${job}/status`;
    await this.server.ask('PATCH', path, {
      status: {
        startTime: now,
        completionTime: now,
        succeeded: 1,
        conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
      },
    });
  }

  private async list(group: string, plural: string): Promise<Listed> {
    const path = `${group}/namespaces/${this.name}/${plural}`;
    return (await this.server.ask('GET', path)).body;
  }

  private async make(path: string, object: object): Promise<void> {
    const { status, body } = await this.server.ask('POST', path, object);
    if (status !== 201) throw new Error(`${path}: ${JSON.stringify(body)}`);
  }

  private async pathOf({ apiVersion, kind, metadata }: ReleasedObject): Promise<string> {
    const group = PATHS_OF_GROUPS[apiVersion] ?? `/apis/${apiVersion}`;
    const key = `${apiVersion} ${kind}`;
    if (!this.plurals.has(key)) {
      const { resources = [] } = (await this.server.ask('GET', group)).body as {
        resources?: readonly { readonly name: string; readonly kind: string }[];
      };
      const found = resources.find((one) => one.kind === kind && !one.name.includes('/'));
      this.plurals.set(key, found?.name ?? kind);
    }
    return `${group}/namespaces/${this.name}/${this.plurals.get(key)}/${metadata.name}`;
  }
}
