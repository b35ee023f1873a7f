import type { IndexEntries } from '../faults/harness/index-entries.ts';
import type { OwnServers } from '../faults/harness/own-servers.ts';
import { pause } from '../faults/harness/pause.ts';
import type { Service, Tenant } from '../faults/harness/service.ts';
import type { SmallVolume } from '../faults/harness/small-volume.ts';
import { repeated } from './repeated.ts';
import { FAILS, IS_LATE } from './sick-extension.ts';
import type { Traffic } from './traffic.ts';
import type { AlertFault } from './trial.ts';

/** What the extension `sick` does to requests. */
export const sickExtension = (traffic: Traffic): AlertFault[] => {
  const tagged = (tag: string): Pick<AlertFault, 'begin' | 'end'> => ({
    begin: () => void (traffic.tags = [tag]),
    end: () => void (traffic.tags = []),
  });
  return [
    {
      name: 'extension throws',
      expected: [
        { alertname: 'SomaExtensionFails', extension: 'sick', hook: 'beforeStore' },
        { alertname: 'SomaErrors' },
      ],
      ...tagged(FAILS),
    },
    { name: 'extension late', expected: [{ alertname: 'SomaSlow' }], ...tagged(IS_LATE) },
  ];
};

const HELD_UP_MS = 400;

/** The API gets a processor for a fifth of the time only. */
export const throttled = (service: Service): AlertFault => ({
  name: 'API throttled',
  expected: [{ alertname: 'SomaEventLoopBlocked', component: 'api' }],
  ...repeated(async () => {
    service.holdUp('api', true);
    await pause(HELD_UP_MS);
    service.holdUp('api', false);
    await pause(HELD_UP_MS / 4);
  }),
});

const TRIES_AT_ONCE = 64;

/** Requests with tokens that nobody has. */
export const tokensTried = (service: Service): AlertFault => {
  const stranger = service.stranger();
  const tries = Array.from({ length: TRIES_AT_ONCE });
  return {
    name: 'tokens tried',
    expected: [{ alertname: 'SomaTokensTried' }],
    ...repeated(async () => {
      await Promise.all(tries.map(() => stranger.send('GET', '/memories')));
      await pause(10);
    }),
  };
};

/** The volume of PostgreSQL has no byte left. */
export const fullDisk = (servers: OwnServers, volume: SmallVolume): AlertFault => {
  const { begin, end } = repeated(async () => {
    volume.fill();
    await pause(250);
  });
  return {
    name: "PostgreSQL's disk full",
    expected: [{ alertname: 'SomaStoreFailing', reason: 'full' }],
    begin,
    end: async () => {
      await end();
      volume.free();
      // Without room for its log it ends; a supervisor starts it again.
      if (!servers.isRunning('postgres')) await servers.start('postgres');
    },
  };
};

/** Milvus has lost what it had of a tenant; somebody looks, and then repairs. */
export const lostEntries = (
  service: Service,
  index: IndexEntries,
  { id: tenant }: Tenant,
): AlertFault => {
  // Of all tenants: what was found of one alone is answered, and not kept.
  const reconcile = (dry_run: boolean) =>
    service.operate<unknown>('POST', '/admin/reconcile', { dry_run });
  return {
    name: 'index entries lost',
    expected: [{ alertname: 'SomaIndexDiffers' }],
    begin: async () => {
      await index.removeAll(tenant);
      await reconcile(true);
    },
    end: () => reconcile(false).then(() => undefined),
  };
};
