import { readFileSync } from 'node:fs';
import type { Extension } from '@soma/extensions';
import { isExported, namedMetrics } from './named-metrics.js';
import { type Service, startService } from './service.js';

const LIMIT = 20;
const page = readFileSync('docs/metrics.md', 'utf8');

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

  it.each([
    ['postgresql|pglite', 'tenant'],
    ['postgresql|pglite', 'system'],
    ['milvus|flat', 'search'],
  ])('P15 count what is asked of %s: %s', (dependency, operation) => {
    const labels = `dependency="(?:${dependency})",operation="${operation}"`;
    const counted = new RegExp(`^soma_dependency_duration_seconds_count{${labels},outcome=`, 'm');
    expect(exposition).toMatch(new RegExp(`${counted.source}"ok"} [1-9]`, 'm'));
    expect(exposition).toMatch(new RegExp(`${counted.source}"failed"} \\d`, 'm'));
  });

  it('P15 are all of them described in docs/metrics.md, and nothing else is', () => {
    const ofLibrary = /^soma_(process|nodejs)_/;
    const exported = [...exposition.matchAll(/^# TYPE (soma_\w+)/gm)].map(([, name = '']) => name);
    const described = [...page.matchAll(/^\| `(soma_\w+)`/gm)].map(([, name = '']) => name);
    const own = exported.filter((name) => !ofLibrary.test(name));
    expect(described.toSorted()).toEqual(own.toSorted());
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
