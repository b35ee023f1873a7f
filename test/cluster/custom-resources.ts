import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { ApiServer } from './api-server.ts';

const OPERATOR = 'github.com/prometheus-operator/prometheus-operator@v0.85.0';
const GATEWAY = 'sigs.k8s.io/gateway-api@v1.6.3';

/** Kinds of the chart that are not of Kubernetes, in the modules that define them. */
const DEFINITIONS = [
  [OPERATOR, 'example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml'],
  [OPERATOR, 'example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml'],
  [GATEWAY, 'config/crd/standard/gateway.networking.k8s.io_httproutes.yaml'],
] as const;

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Brings the definitions of other people's kinds to a cluster, as their operators do. */
export async function defineCustomResources(server: ApiServer): Promise<void> {
  for (const [module, file] of DEFINITIONS) {
    const definition = parse(readFileSync(join(folderOf(module), file), 'utf8')) as object;
    const { status, body } = await server.ask('POST', CRDS, definition);
    if (status !== 201) throw new Error(`${file} is not taken: ${JSON.stringify(body)}`);
  }
}

function folderOf(module: string): string {
  const go = execFileSync('tools/go.sh', { encoding: 'utf8' }).trim();
  const told = execFileSync(go, ['mod', 'download', '-json', module], {
    cwd: 'tools/cluster/crds',
    encoding: 'utf8',
  });
  return (JSON.parse(told) as { Dir: string }).Dir;
}
