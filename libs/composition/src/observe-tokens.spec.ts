import { type ModelUsage, noteModelUsage, tenantId } from '@soma/core';
import { Metrics } from '@soma/observability';
import type { KeptLimits } from '@soma/tenancy';
import { defaultQuotas } from './default-quotas.js';
import { observeTokens } from './observe-tokens.js';

const QUOTAS = defaultQuotas({
  memories: 0,
  bytes: 0,
  vectors: 0,
  links: 0,
  embeddingsPerDay: 0,
  requestsPerSecond: 0,
  requestsPerDay: 0,
  policy: 'reject',
  tenantClasses: ['standard', 'gold'],
});
const OWN: Readonly<Record<string, string | null>> = { a: null, b: 'gold', c: 'of-last-year' };

describe(observeTokens, () => {
  const metrics = new Metrics();
  let asked = 0;
  let isAway = false;
  const limits = ({ tenantId: id }: { tenantId: string }): Promise<KeptLimits> => {
    asked += 1;
    if (isAway) return Promise.reject(new Error('away'));
    return Promise.resolve({ tenant_class: OWN[id] ?? null } as KeptLimits);
  };
  const stop = observeTokens(metrics, { limits }, QUOTAS);
  afterAll(stop);

  const said = (tenant: string, inputTokens: number): Promise<void> => {
    const usage: Omit<ModelUsage, 'tenantId'> = {
      dependency: 'chat-model',
      inputTokens,
      outputTokens: 1,
    };
    noteModelUsage({ ...usage, tenantId: tenantId(tenant) });
    return new Promise((resolve) => setImmediate(resolve));
  };
  const counts = async (): Promise<string[]> =>
    (await metrics.registry.metrics())
      .split('\n')
      .filter((line) => line.startsWith('soma_model_tokens_total{dependency="chat-model"'))
      .filter((line) => line.includes('input'))
      .map((line) => line.slice(line.indexOf('tenant_class=')));

  it('P15 shows each class before its first token, and counts under the class alone', async () => {
    expect(await counts()).toEqual(['tenant_class="standard"} 0', 'tenant_class="gold"} 0']);
    await said('a', 3);
    await said('b', 5);
    await said('b', 5);
    expect(await counts()).toEqual(['tenant_class="standard"} 3', 'tenant_class="gold"} 10']);
    expect(asked).toBe(2);
  });

  it('P15 counts a class that is no longer configured, or cannot be read, as unknown', async () => {
    await said('c', 2);
    isAway = true;
    await said('d', 2);
    expect((await counts()).at(-1)).toBe('tenant_class="unknown"} 4');
    isAway = false;
    await said('d', 2);
    expect((await counts())[0]).toBe('tenant_class="standard"} 5');
  });
});
