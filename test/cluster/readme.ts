import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ApiServer } from './api-server.ts';
import { Helm, helmProgram, type Major } from './helm.ts';
import { Namespace } from './namespace.ts';
import type { ProfileReport } from './profile.ts';

/** Where the README says what to type. */
const BEGINS = /^On Kubernetes/m;
const ENDS = /^## /m;

/**
 * Types what the README says about Kubernetes, line by line, as somebody with a cluster of their own and with
 * nothing but its KUBECONFIG, in the folder of the repository.
 */
export async function readmeTrial(
  major: Major,
  server: ApiServer,
  dir: string,
): Promise<ProfileReport> {
  const broken: string[] = [];
  const warnings: string[] = [];
  const programs = dirname(helmProgram(major));
  const home = join(dir, 'home');
  mkdirSync(home, { recursive: true });
  const env = {
    PATH: `${programs}:${process.env['PATH']}`,
    HOME: home,
    KUBECONFIG: server.kubeconfig('admin'),
  };
  const lines = linesToType(readFileSync('README.md', 'utf8'));
  if (lines.length === 0) broken.push('the README says what to type');
  for (const line of lines) {
    const { status, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', line], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (status !== 0) broken.push(`${line}: ${stderr.trim()}`);
    else warnings.push(...stderr.split('\n').filter((text) => text.trim() !== ''));
  }
  const helm = new Helm(major, server, dir, 'soma');
  const namespace = new Namespace(server, 'soma');
  const objects = await helm.objects('soma', 'admin');
  for (const object of objects) {
    const isThere = (await namespace.read(object)) !== undefined;
    if (!isThere) broken.push(`${object.kind} ${object.metadata.name} is there`);
  }
  if (objects.length === 0) broken.push('there is a release `soma` in the namespace `soma`');
  const hooks = (await helm.hooks('soma', 'admin')).length;
  return {
    profile: 'README',
    helm: major,
    objects: objects.length,
    hooks,
    warnings,
    broken,
  };
}

/** Commands in the fences of the section; one that goes on behind a backslash is one. */
function linesToType(readme: string): string[] {
  const [, rest = ''] = readme.split(BEGINS);
  const [section = ''] = rest.split(ENDS);
  return [...section.matchAll(/^```sh\n(.*?)^```$/gms)]
    .flatMap(([, fence = '']) => fence.replaceAll('\\\n', ' ').split('\n'))
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
