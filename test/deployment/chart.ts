import { spawnSync, execFileSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';

const CHART = 'helm/soma-fractal-memory';

export interface Probe {
  readonly httpGet?: { readonly path: string };
}

export interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: readonly Variable[];
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly resources: {
    readonly requests: Readonly<Record<string, string>>;
    readonly limits: Readonly<Record<string, string>>;
  };
  readonly securityContext: object;
  readonly volumeMounts?: readonly { readonly name: string }[];
}

export interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly volumes?: readonly { readonly name: string }[];
    readonly securityContext: object;
    readonly serviceAccountName: string;
    readonly automountServiceAccountToken: boolean;
    readonly enableServiceLinks: boolean;
  };
}

/** What is looked at in the `spec` of any kind. */
export interface Specification {
  readonly replicas?: number;
  readonly suspend?: boolean;
  readonly policyTypes?: readonly string[];
  readonly ingress?: readonly object[];
  readonly egress?: readonly object[];
  readonly podSelector?: {
    readonly matchLabels: Readonly<Record<string, string>>;
    readonly matchExpressions?: readonly { readonly values: readonly string[] }[];
  };
  readonly template?: PodTemplate;
  readonly jobTemplate?: { readonly spec: { readonly template: PodTemplate } };
  readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
}

export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Specification;
  readonly data?: Readonly<Record<string, string>>;
}

export const PROFILES = ['values', 'values-production', 'values-production-ha'] as const;

export type Profile = (typeof PROFILES)[number];

/** The versions of Helm that the chart is for. */
export const MAJORS = ['3', '4'] as const;

export type Major = (typeof MAJORS)[number];

const programs = new Map<Major, string>();

function helm(
  args: readonly string[],
  major: Major,
): { status: number | null; stdout: string; stderr: string } {
  const built = () => execFileSync('tools/helm/build.sh', [major], { encoding: 'utf8' }).trim();
  const program = programs.get(major) ?? built();
  programs.set(major, program);
  return spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1e8 });
}

const valuesOf = (profile: Profile): string[] =>
  profile === 'values' ? [] : ['--values', `${CHART}/${profile}.yaml`];

/** What `helm lint --strict` says against a profile; empty when nothing. */
export function lint(profile: Profile, major: Major): string {
  const args = ['lint', '--strict', CHART, ...valuesOf(profile)];
  const { status, stdout, stderr } = helm(args, major);
  return status === 0 ? '' : `${stdout}${stderr}`;
}

/** `helm template` of a profile with further arguments, as a release `mine` in the namespace `agents`. */
export function render(
  profile: Profile,
  args: readonly string[] = [],
  { kubernetes = '1.36.3', major = '3' }: { kubernetes?: string; major?: Major } = {},
): KubernetesObject[] {
  const { status, stdout, stderr } = template(profile, args, kubernetes, major);
  if (status !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null);
}

/** What it says when it refuses; throws when it does not. */
export function refusal(profile: Profile, args: readonly string[]): string {
  const { status, stderr } = template(profile, args, '1.36.3', '3');
  if (status === 0) throw new Error(`helm template ${args.join(' ')} is not refused.`);
  return stderr;
}

const template = (profile: Profile, args: readonly string[], kubernetes: string, major: Major) =>
  helm(
    [
      'template',
      'mine',
      CHART,
      '--namespace=agents',
      `--kube-version=${kubernetes}`,
      ...valuesOf(profile),
      ...args,
    ],
    major,
  );

/** Every pod that the objects would make, by the object that makes it. */
export function podsOf(objects: readonly KubernetesObject[]): [string, PodTemplate][] {
  return objects.flatMap(({ kind, metadata, spec }): [string, PodTemplate][] => {
    const pod = spec?.jobTemplate?.spec.template ?? spec?.template;
    return pod ? [[`${kind} ${metadata.name}`, pod]] : [];
  });
}

/** Every container of them, the first ones included. */
export function containersOf(objects: readonly KubernetesObject[]): [string, Container][] {
  return podsOf(objects).flatMap(([owner, { spec }]) =>
    [...(spec.initContainers ?? []), ...spec.containers].map((container): [string, Container] => [
      `${owner} ${container.name}`,
      container,
    ]),
  );
}
