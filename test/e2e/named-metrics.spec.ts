import type { Extension } from '@soma/extensions';
import { isExported, namedMetrics } from './named-metrics.js';
import { type Service, startService } from './service.js';

const LIMIT = 20;

/** It fails when it is told to, as one may. */
const failing: Extension = {
  name: 'failing',
  api: 1,
  hooks: {
    beforeStore: (_scope, draft) => {
      if (draft.kind === 'store' && draft.memory.tags.includes('fail')) throw new Error('as told');
      return undefined;
    },
  },
};

describe('what alerts and dashboards ask a running service for', () => {
  let service: Service;
  let exposition = '';

  beforeAll(async () => {
    // A model that is never asked: even the embedded stack has a breaker then.
    const chat = { SOMA_CHAT_URL: 'http://127.0.0.1:1/v1', SOMA_CHAT_MODEL: 'none' };
    // By the day: however slow the machine, what is asked here falls into one.
    const settings = { ...chat, SOMA_TENANT_REQUESTS_PER_DAY: String(LIMIT) };
    service = await startService(settings, [failing]);
    const ours = await service.tenant();
    await ours.store({ content: 'Ada prefers tea' });
    await ours.search('what does Ada drink?');
    await ours.search('what does Ada drink?');
    const failed = await ours.post('/memories', { content: 'x', tags: ['fail'] });
    expect(failed.status).toBe(503);
    const many = await Promise.all(Array.from({ length: LIMIT }, () => ours.get('/stats')));
    expect(many.some(({ status }) => status === 429)).toBe(true);
    exposition = (await service.request<string>('GET', '/metrics')).body;
  });
  afterAll(() => service.close());

  it.each(namedMetrics())('P15 $where: $metric $matchers is exported', (named) => {
    expect([named, isExported(exposition, named)]).toEqual([named, true]);
  });

  it('P15 is not found under another name, label or value', () => {
    const [metric, matchers] = ['soma_auth_refused_total', ['reason="invalid"']];
    const named = { where: 'here', metric, matchers, grouping: [] };
    expect(isExported(exposition, named)).toBe(true);
    expect(isExported(exposition, { ...named, metric: 'soma_auth_refused' })).toBe(false);
    expect(isExported(exposition, { ...named, grouping: ['tenant'] })).toBe(false);
    expect(isExported(exposition, { ...named, matchers: ['reason="expired"'] })).toBe(false);
  });
});
