import type { AddressInfo } from 'node:net';
import { type Infrastructure, openInfrastructure } from '@soma/composition';
import { parseConfig } from '@soma/config';
import { createWorker } from '../../apps/worker/src/worker.setup.js';
import { isExported, namedMetrics } from '../e2e/named-metrics.js';
import { createOwnStack, type OwnStack, prepareStack, stackSettings } from '../e2e/stack.js';

/** What only answers to requests are counted in. */
const OF_REQUESTS = /^soma_(http|auth|rate_limited|audit|embedding_cache|extension)_/;

describe('what alerts and dashboards ask a running worker for', () => {
  let stack: OwnStack;
  let infrastructure: Infrastructure;
  let worker: Awaited<ReturnType<typeof createWorker>>;
  let exposition = '';

  beforeAll(async () => {
    stack = await createOwnStack();
    const config = parseConfig({
      ...stackSettings(),
      ...stack.settings,
      SOMA_LOG_LEVEL: 'silent',
    });
    await prepareStack(config);
    infrastructure = await openInfrastructure(config, { inBackground: true });
    worker = await createWorker(infrastructure);
    await worker.listen(0, '127.0.0.1');
    const { port } = worker.getHttpServer().address() as AddressInfo;
    exposition = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  });
  afterAll(async () => {
    await worker.close();
    await infrastructure.close();
    await stack.drop();
  });

  it.each(namedMetrics().filter(({ metric }) => !OF_REQUESTS.test(metric)))(
    'P15 $where: $metric $matchers is exported',
    (named) => {
      expect([named, isExported(exposition, named)]).toEqual([named, true]);
    },
  );

  it.each(['postgresql', 'redis', 'index-reads', 'index-writes'])(
    'P15 shows whether %s is asked',
    (dependency) => {
      expect(exposition).toContain(`soma_breaker_open{dependency="${dependency}"} 0`);
    },
  );

  it('P15 shows what it asks of PostgreSQL', () => {
    const asked =
      'soma_dependency_duration_seconds_count{dependency="postgresql",operation="system"';
    expect(exposition).toContain(`${asked},outcome="ok"} `);
  });

  it.each(['index', 'embed', 'reembed', 'delete', 'expire-facts', 'chain-audit'])(
    'P15 shows how the work %s goes',
    (work) => {
      const counted = `soma_background_duration_seconds_count{work="${work}",result=`;
      expect(exposition).toContain(`${counted}"done"}`);
      expect(exposition).toContain(`${counted}"failed"} 0`);
    },
  );
});
