import type { FaultProxy } from '../faults/harness/fault-proxy.ts';
import type { OwnServers } from '../faults/harness/own-servers.ts';
import type { Service } from '../faults/harness/service.ts';
import type { AlertFault } from './trial.ts';

type Server = 'postgres' | 'milvus' | 'redis';

const away = (dependency: string) => ({ alertname: 'SomaDependencyAway', dependency });

const EXPECTED = {
  redis: [away('redis')],
  postgres: [
    { alertname: 'SomaStoreFailing', reason: 'away' },
    { alertname: 'SomaErrors' },
    { alertname: 'SomaAuditBehind' },
  ],
  milvus: [away('index-reads'), away('index-writes'), { alertname: 'SomaIndexBehind' }],
} as const;

const NAMES = { redis: 'Redis', postgres: 'PostgreSQL', milvus: 'Milvus' } as const;

/** Each is killed (`kill -9`), and started again on its data. */
export function killedServers(
  servers: Readonly<Record<Server, OwnServers>>,
  service: Service,
): AlertFault[] {
  return (['redis', 'postgres', 'milvus'] as const).map((name) => ({
    name: `${NAMES[name]} killed`,
    expected: EXPECTED[name],
    async begin() {
      await servers[name].kill(name);
      // A command that needs no server and is audited: what else waits to be written is left to chance.
      await service.operate('PUT', '/admin/log-level', { level: 'info' });
    },
    end: () => servers[name].start(name),
  }));
}

/** No byte passes, and nothing is closed. */
export function silentServers(
  proxies: Readonly<Record<'postgres' | 'embedder', FaultProxy>>,
): AlertFault[] {
  const silent = (proxy: FaultProxy): Pick<AlertFault, 'begin' | 'end'> => ({
    begin: () => proxy.inject('black-hole'),
    end: () => proxy.inject('none'),
  });
  return [
    {
      name: 'PostgreSQL silent',
      expected: [away('postgresql'), { alertname: 'SomaStoreFailing', reason: 'away' }],
      ...silent(proxies.postgres),
    },
    {
      name: 'embedder silent',
      expected: [away('embedding-provider'), { alertname: 'SomaEmbeddingsPending' }],
      ...silent(proxies.embedder),
    },
  ];
}

/** `stop` and no new pod. */
export const processesGone = (service: Service): AlertFault[] => [
  {
    name: 'worker gone',
    expected: [{ alertname: 'SomaWorkerDown' }],
    begin: () => service.stopOne('worker'),
    end: () => service.startAgain('worker'),
  },
  {
    name: 'API gone',
    expected: [{ alertname: 'SomaDown' }],
    begin: () => service.stopOne('api'),
    end: () => service.startAgain('api'),
  },
];
