import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiServer } from './api-server.ts';
import { defineCustomResources } from './custom-resources.ts';
import { Namespace } from './namespace.ts';
import { MAJORS } from './helm.ts';
import { PROFILES, type ProfileReport, ProfileTrial } from './profile.ts';
import { readmeTrial } from './readme.ts';

/**
 * `npm run test:cluster` installs every profile of the chart on a Kubernetes API server, with Helm 3 and with Helm 4,
 * upgrades it, rolls it back, uninstalls it and installs it again; then it types what the README says about Kubernetes. Prints a line for
 * each: objects, hooks, warnings, result. The exit code is 1 when a promise was broken or anything was warned of.
 */
async function main(): Promise<boolean> {
  const dir = mkdtempSync(join(tmpdir(), 'soma-cluster-'));
  const server = new ApiServer(join(dir, 'server'));
  const began = performance.now();
  const progress = (text: string): void => {
    const seconds = ((performance.now() - began) / 1_000).toFixed(0);
    process.stderr.write(`[${seconds} s] ${text}\n`);
  };
  let isWell = false;
  try {
    progress('starting etcd and kube-apiserver (the first time they are built, for minutes)');
    await server.start();
    await defineCustomResources(server);
    const control = new Namespace(server, 'control');
    await control.create();
    if (!(await control.judgesPods())) throw new Error('Pod Security warns of nothing here.');
    const reports: ProfileReport[] = [];
    for (const major of MAJORS) {
      for (const profile of PROFILES) {
        progress(`${profile}, Helm ${major}`);
        reports.push(await new ProfileTrial(major, server, dir, profile).run());
      }
    }
    progress('the README');
    reports.push(await readmeTrial('4', server, dir));
    process.stdout.write(`${describe(reports)}\n`);
    isWell = reports.every(({ warnings, broken }) => warnings.length + broken.length === 0);
  } finally {
    await server.stop();
    if (isWell) rmSync(dir, { recursive: true, force: true, maxRetries: 10 });
    else process.stderr.write(`logs: ${dir}\n`);
  }
  return isWell;
}

function describe(reports: readonly ProfileReport[]): string {
  const head = `${'profile'.padEnd(22)}helm  objects  hooks  warnings  result`;
  const lines = reports.flatMap(({ profile, helm, objects, hooks, warnings, broken }) => [
    profile.padEnd(22) +
      helm.padStart(4) +
      String(objects).padStart(9) +
      String(hooks).padStart(7) +
      String(warnings.length).padStart(10) +
      (broken.length + warnings.length === 0 ? '  passed' : '  FAILED'),
    ...[...broken, ...warnings].map((text) => `  ${text}`),
  ]);
  return [head, ...lines].join('\n');
}

process.exitCode = (await main()) ? 0 : 1;
