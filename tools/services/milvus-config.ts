import type { Instance } from './server-definition.ts';

/** How many ports Milvus needs besides the one clients use: etcd's two, metrics, the components. */
export const MILVUS_INNER_PORTS = 11;

/**
 * Exact while small; `npm run bench:recall` says what that gains and costs. By default Milvus looks
 * at an eighth of the rows that have no index yet, and builds one for segments of 1,024 rows: of
 * vectors without structure that finds a quarter of the nearest ten. As environment variables,
 * because docker-compose.yml says the same with them.
 */
export const MILVUS_SETTINGS = {
  QUERYNODE_SEGCORE_INTERIMINDEX_ENABLEINDEX: 'false',
  INDEXCOORD_SEGMENT_MINSEGMENTNUMROWSTOENABLEINDEX: '65536',
} as const;

export interface MilvusPorts {
  readonly etcdClient: number;
  readonly etcdPeer: number;
  readonly metrics: number;
  readonly components: readonly number[];
}

export function milvusPorts(instance: Instance): MilvusPorts {
  const [etcdClient, etcdPeer, metrics, ...components] = instance.innerPorts;
  if (etcdClient === undefined || etcdPeer === undefined || metrics === undefined) {
    throw new Error('state.json has too few ports for milvus');
  }
  return { etcdClient, etcdPeer, metrics, components };
}

/** Fills the `{{ key(type): default }}` places of the template that comes with the package. */
export function milvusYaml(template: string, instance: Instance): string {
  const ports = milvusPorts(instance);
  const components = [...ports.components];
  const values: Record<string, string | number> = {
    etcd_port: ports.etcdClient,
    etcd_log_path: 'stdout',
    etcd_data_dir: `${instance.dataDir}/data/etcd.data`,
    local_storage_dir: `${instance.dataDir}/data`,
    rocksmq_data_dir: `${instance.dataDir}/data/rocksmq`,
    // Empty: everything goes to standard output and so into the one log file of this server.
    system_log_path: '',
    proxy_port: instance.port,
  };
  const place = /\{\{\s*(\w+)(?:\(\w+\))?(?:\s*:\s*([^}]*?))?\s*\}\}/g;
  const filled = template.replace(place, (_text, key: string, fallback?: string) => {
    const value = values[key] ?? (key.endsWith('_port') ? components.shift() : fallback);
    if (value === undefined) {
      throw new Error(`the Milvus template has a place '${key}' that nothing fills`);
    }
    return String(value);
  });
  return (
    filled
      // By default a component registers the first address of the machine, which may change.
      .replace(/^ {2}ip:(?= #)/gm, '  ip: 127.0.0.1')
      // Without a file of its own the embedded etcd always binds 2379 and 2380.
      .replace(/^etcd:\n/m, `etcd:\n  config:\n    path: ${instance.dataDir}/configs/etcd.yaml\n`)
  );
}

export function etcdYaml(instance: Instance): string {
  const ports = milvusPorts(instance);
  const client = `http://127.0.0.1:${String(ports.etcdClient)}`;
  const peer = `http://127.0.0.1:${String(ports.etcdPeer)}`;
  return [
    `listen-client-urls: ${client}`,
    `advertise-client-urls: ${client}`,
    `listen-peer-urls: ${peer}`,
    `initial-advertise-peer-urls: ${peer}`,
    `initial-cluster: default=${peer}`,
    '',
  ].join('\n');
}
