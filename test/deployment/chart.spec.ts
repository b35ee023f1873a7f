import { existsSync } from 'node:fs';
import { settingsSchema } from '@soma/config';
import {
  containersOf,
  type KubernetesObject,
  lint,
  MAJORS,
  podsOf,
  type Profile,
  PROFILES,
  refusal,
  render,
} from './chart.ts';

const set = (...values: string[]): string[] => values.flatMap((value) => ['--set', value]);
const named = (objects: readonly KubernetesObject[], kind: string, name: string) =>
  objects.filter((object) => object.kind === kind && object.metadata.name === name);

const KINDS =
  'ConfigMap CronJob Deployment HTTPRoute HorizontalPodAutoscaler Ingress Job NetworkPolicy PersistentVolumeClaim ' +
  'PodDisruptionBudget PrometheusRule Service ServiceAccount ServiceMonitor';

/** Everything that can be switched on, at once. */
const EVERYTHING = ['--values', 'tools/helm/everything.yaml'];
const RESTORE = set('backup.enabled=true', 'restore.file=soma-20261122T021700Z.backup');

describe.each(PROFILES)('the chart with %s.yaml', (profile) => {
  const objects = [...render(profile, EVERYTHING), ...render(profile, RESTORE)];
  const pods = podsOf(objects);
  const containers = containersOf(objects);

  it('P48 lints, and renders for the oldest Kubernetes that it allows', () => {
    for (const major of MAJORS) {
      expect(lint(profile, major)).toBe('');
      expect(render(profile, [], { kubernetes: '1.27.0', major }).length).toBeGreaterThan(15);
    }
  });

  it('P48 is the same with Helm 4 as with Helm 3', () => {
    const [third, fourth] = MAJORS.map((major) =>
      // What is generated is other each time.
      render(profile, EVERYTHING, { major }).filter(({ kind }) => kind !== 'Secret'),
    );
    expect(fourth).toEqual(third);
  });

  it('P48 has everything that was asked for', () => {
    const kinds = new Set(objects.map(({ kind }) => kind));
    for (const kind of KINDS.split(' ')) {
      expect(kinds).toContain(kind);
    }
  });

  it('G10 gives every container no more than Pod Security restricted allows', () => {
    expect(containers.length).toBeGreaterThan(8);
    for (const [name, { securityContext }] of containers) {
      expect([name, securityContext]).toEqual([
        name,
        expect.objectContaining({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ['ALL'] },
          seccompProfile: { type: 'RuntimeDefault' },
        }),
      ]);
    }
  });

  it('G10 gives no pod a token of Kubernetes, nor variables that would be taken for settings', () => {
    for (const [name, { spec }] of pods) {
      expect([name, spec.automountServiceAccountToken]).toEqual([name, false]);
      expect([name, spec.enableServiceLinks]).toEqual([name, false]);
    }
  });

  it('P47 says of every container what it may use', () => {
    for (const [name, { resources }] of containers) {
      for (const what of ['cpu', 'memory', 'ephemeral-storage']) {
        expect([name, what, resources.requests[what]]).not.toContain(undefined);
        expect([name, what, resources.limits[what]]).not.toContain(undefined);
      }
    }
  });

  it('G10 asks everything that stays whether it lives and whether it can serve, in two ways', () => {
    const staying = podsOf(objects).filter(([owner]) => /^(Deployment|StatefulSet)/.test(owner));
    expect(staying.length).toBeGreaterThan(1);
    for (const [owner, { spec }] of staying) {
      for (const { name, livenessProbe, readinessProbe } of spec.containers) {
        expect([owner, name, livenessProbe, readinessProbe]).not.toContain(undefined);
        expect(livenessProbe).not.toEqual(readinessProbe);
      }
    }
  });

  it('mounts only volumes that there are', () => {
    for (const [owner, { spec }] of pods) {
      const claims = objects.find(({ kind, metadata }) => `${kind} ${metadata.name}` === owner)
        ?.spec?.volumeClaimTemplates;
      const volumes = [
        ...(spec.volumes ?? []).map(({ name }) => name),
        ...(claims ?? []).map(({ metadata }) => metadata.name),
      ];
      const mounted = spec.containers.flatMap(({ volumeMounts = [] }) =>
        volumeMounts.map(({ name }) => name),
      );
      expect([owner, mounted.filter((name) => !volumes.includes(name))]).toEqual([owner, []]);
    }
  });

  it('sets only settings that there are', () => {
    const names = containers.flatMap(([, { env = [] }]) => env.map(({ name }) => name));
    const unknown = names.filter(
      (name) =>
        name.startsWith('SOMA_') && name !== 'SOMA_WAIT_SECONDS' && !(name in settingsSchema.shape),
    );
    expect(unknown).toEqual([]);
  });

  it('starts programs that there are', () => {
    const words = containers.flatMap(([, { args = [], command = [] }]) => [...args, ...command]);
    const programs = words.flatMap((word) => word.match(/dist\/\S+\.js/g) ?? []);
    const sources = programs.map((path) => path.replace('dist/', '').replace(/\.js$/, '.ts'));
    expect(sources.filter((path) => !existsSync(path))).toEqual([]);
    expect(new Set(sources).size).toBe(4);
  });

  it('G10 lets nothing in or out of a pod but by name, and every pod to what it needs', () => {
    const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');
    const deny = policies.find(({ metadata }) => metadata.name === 'mine-default-deny');
    expect(deny?.spec?.policyTypes).toEqual(['Ingress', 'Egress']);
    expect([deny?.spec?.ingress, deny?.spec?.egress]).toEqual([undefined, undefined]);
    for (const [owner, { metadata }] of pods) {
      expect([owner, metadata.labels]).toEqual([
        owner,
        expect.objectContaining(deny?.spec?.podSelector?.matchLabels ?? {}),
      ]);
    }
    const reached = (component: string) =>
      policies
        .filter(({ spec }) => spec?.podSelector?.matchExpressions?.[0]?.values.includes(component))
        .map(({ metadata }) => metadata.name);
    for (const component of ['migrate', 'backup', 'restore']) {
      expect(new Set(reached(component))).toEqual(new Set(['mine-names', 'mine-to-postgres']));
    }
    expect(reached('api')).toEqual(
      expect.arrayContaining(['mine-clients', 'mine-to-milvus', 'mine-to-redis', 'mine-metrics']),
    );
  });

  it('keeps the API and the workers away while a backup is put back', () => {
    const restoring = render(profile, RESTORE);
    expect(named(restoring, 'Deployment', 'mine-api')[0]?.spec?.replicas).toBe(0);
    expect(named(restoring, 'Deployment', 'mine-worker')[0]?.spec?.replicas).toBe(0);
    expect(named(restoring, 'CronJob', 'mine-backup')[0]?.spec?.suspend).toBe(true);
    const jobs = restoring.filter(({ kind }) => kind === 'Job');
    expect(jobs.map(({ metadata }) => metadata.name)).toEqual(['mine-restore-1']);
  });
});

describe('the values of the chart', () => {
  const BUNDLES = ['postgres', 'redis', 'milvus'] as const;

  it.each(BUNDLES)('has a %s of its own or none', (server) => {
    const bundled = render('values');
    const external = render('values', [
      ...set(`${server}.bundled=false`, 'milvus.address=elsewhere:19530', 'existingSecret=own'),
    ]);
    expect(named(bundled, 'StatefulSet', `mine-${server}`)).toHaveLength(1);
    expect(external.filter(({ metadata }) => metadata.name === `mine-${server}`)).toEqual([]);
  });

  it('migrates before a release over a database that is there, and beside one that is not', () => {
    const job = (profile: Profile) =>
      render(profile).find(({ kind, metadata }) => kind === 'Job' && /migrate/.test(metadata.name));
    expect(job('values')?.metadata.annotations?.['helm.sh/hook']).toBeUndefined();
    expect(job('values-production')?.metadata.annotations?.['helm.sh/hook']).toBe(
      'pre-install,pre-upgrade',
    );
  });

  it('takes secrets from the Secret that is named, and makes none then', () => {
    const objects = render('values-production');
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    const references = containersOf(objects).flatMap(([, { env = [] }]) =>
      env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef.name ?? []),
    );
    expect(new Set(references)).toEqual(new Set(['soma']));
  });

  it('makes the secrets that are missing, each with 40 characters of its own', () => {
    const [secret] = named(render('values'), 'Secret', 'mine-generated');
    const text = Object.fromEntries(
      Object.entries(secret?.data ?? {}).map(([key, value]) => [key, atob(value)]),
    );
    const passwords = Object.entries(text).filter(([key]) => !key.endsWith('_URL'));
    expect(passwords.filter(([, value]) => !/^[A-Za-z0-9]{40}$/.test(value))).toEqual([]);
    expect(new Set(passwords.map(([, value]) => value)).size).toBe(4);
    expect(text['SOMA_POSTGRES_URL']).toContain(`soma_login:${text['POSTGRES_PASSWORD']}@mine-`);
    expect(secret?.metadata.annotations?.['helm.sh/resource-policy']).toBe('keep');
  });

  it.each([
    [['redis.bundled=false'], 'existingSecret'],
    [['milvus.bundled=false'], 'milvus.address'],
    [['restore.file=soma.backup'], 'backup.existingClaim'],
    [['opa.enabled=true'], 'opa.policy'],
    [['ingress.enabled=true'], 'hosts'],
    [['gateway.enabled=true'], 'parentRefs'],
    [['api.replica=3'], 'replica'],
    [['logLevel=loud'], 'logLevel'],
    [['embedding.provider=openai'], 'url'],
    [['image.tag=17'], 'tag'],
    [['restore.file=../../etc/passwd', 'backup.enabled=true'], 'file'],
  ])('is refused with %j, and says why', (values, word) => {
    expect(refusal('values', set(...values))).toContain(word);
  });

  const ALL_SETTINGS = Object.keys(settingsSchema.shape);
  const variablesWith = (...values: string[]) =>
    containersOf(render('values', set(...values)))
      .filter(([name]) => /^Deployment mine-(api api|worker worker)$/.test(name))
      .map(([, { env = [] }]) => env);

  it('P49 takes every setting that is secret from the Secret that is named', () => {
    const secret = /_(TOKEN|API_KEY|KEYS)$|^SOMA_(POSTGRES|REDIS)_URL$/;
    const secrets = ALL_SETTINGS.filter((name) => secret.test(name));
    expect(secrets.length).toBeGreaterThan(8);
    const taken = variablesWith('existingSecret=own').map((env) =>
      env.filter(({ valueFrom }) => valueFrom).map(({ name }) => name),
    );
    expect(taken).toEqual([expect.arrayContaining(secrets), expect.arrayContaining(secrets)]);
  });

  it('P49 hands on every other setting', () => {
    const given = new Set(
      variablesWith('existingSecret=own').flatMap((env) => env.map(({ name }) => name)),
    );
    const others = ALL_SETTINGS.filter((name) => !given.has(name));
    const handed = variablesWith(...others.map((name) => `env.${name}=1`)).map((env) =>
      env.map(({ name }) => name),
    );
    expect(handed).toEqual([expect.arrayContaining(others), expect.arrayContaining(others)]);
  });

  it('hands a setting to the API and to the worker', () => {
    const objects = render('values', set('env.SOMA_RATE_LIMIT_PER_SECOND=50'));
    const having = containersOf(objects).filter(([, { env = [] }]) =>
      env.some(({ name, value }) => name === 'SOMA_RATE_LIMIT_PER_SECOND' && value === '50'),
    );
    expect(having.map(([name]) => name)).toEqual([
      'Deployment mine-api api',
      'Deployment mine-worker worker',
    ]);
  });
});
