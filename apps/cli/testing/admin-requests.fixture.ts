import { words } from './run-soma.fixture.js';

/** What a command line asks of the API. */
interface Expected {
  readonly method: string;
  readonly path: string;
  readonly query?: Record<string, string>;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export type RequestCase = [title: string, argv: string[], expected: Expected];

/** Of tenants, tokens, quotas and the index. */
export const ADMIN_REQUESTS: readonly RequestCase[] = [
  [
    'admin log-level asks how much is logged',
    words('admin log-level'),
    { method: 'GET', path: '/admin/log-level' },
  ],
  [
    'admin log-level takes --set --for',
    words('admin log-level --set debug --for 600'),
    { method: 'PUT', path: '/admin/log-level', body: { level: 'debug', for_seconds: 600 } },
  ],
  [
    'tenants create takes a name',
    ['tenants', 'create', 'acme'],
    { method: 'POST', path: '/admin/tenants', body: { name: 'acme' } },
  ],
  [
    'tenants list takes --limit --cursor',
    ['tenants', 'list', '--limit', '3', '--cursor', 'c'],
    { method: 'GET', path: '/admin/tenants', query: { limit: '3', cursor: 'c' } },
  ],
  [
    'tokens create takes --tenant --name --scopes --expires-at',
    words(`
      tokens create --tenant tenant-1 --name agent --scopes memories:read,graph:read
      --expires-at 2027-01-01T00:00:00Z`),
    {
      method: 'POST',
      path: '/admin/tenants/tenant-1/tokens',
      body: {
        name: 'agent',
        scopes: ['memories:read', 'graph:read'],
        expires_at: '2027-01-01T00:00:00Z',
      },
    },
  ],
  [
    'tokens list takes --tenant',
    ['tokens', 'list', '--tenant', 'tenant-1'],
    { method: 'GET', path: '/admin/tenants/tenant-1/tokens' },
  ],
  [
    'tokens create takes --namespaces',
    words('tokens create --tenant t --name agent --scopes memories:read --namespaces a,b'),
    {
      method: 'POST',
      path: '/admin/tenants/t/tokens',
      body: { name: 'agent', scopes: ['memories:read'], namespaces: ['a', 'b'] },
    },
  ],
  [
    'tokens create takes --trust and --quarantine',
    words('tokens create --tenant t --name page --scopes memories:write --trust 0.3 --quarantine'),
    {
      method: 'POST',
      path: '/admin/tenants/t/tokens',
      body: { name: 'page', scopes: ['memories:write'], trust: 0.3, quarantine: true },
    },
  ],
  [
    'admin quarantine list takes --tenant --writer --namespace --limit --cursor',
    words('admin quarantine list --tenant t --writer k --namespace n --limit 3 --cursor c'),
    {
      method: 'GET',
      path: '/admin/tenants/t/quarantine',
      query: { token: 'k', namespace: 'n', limit: '3', cursor: 'c' },
    },
  ],
  [
    'admin quarantine release takes --ids',
    words('admin quarantine release --tenant t --ids a,b'),
    { method: 'POST', path: '/admin/tenants/t/quarantine/release', body: { ids: ['a', 'b'] } },
  ],
  [
    'admin quarantine reject takes --writer and --since',
    words('admin quarantine reject --tenant t --writer k --since 2026-11-21T12:00:00Z'),
    {
      method: 'POST',
      path: '/admin/tenants/t/quarantine/reject',
      body: { token: 'k', since: '2026-11-21T12:00:00Z' },
    },
  ],
  [
    'admin rollback takes --tenant --writer --since --dry-run',
    words('admin rollback --tenant t --writer k --since 2026-11-21T12:00:00Z --dry-run'),
    {
      method: 'POST',
      path: '/admin/tenants/t/rollback',
      body: { token: 'k', since: '2026-11-21T12:00:00Z', dry_run: true },
    },
  ],
  [
    'tokens rotate takes the id of the token and --overlap',
    words('tokens rotate token-1 --tenant tenant-1 --overlap 60'),
    {
      method: 'POST',
      path: '/admin/tenants/tenant-1/tokens/token-1/rotate',
      body: { overlap_seconds: 60 },
    },
  ],
  [
    'admin tokens rotate is the same command',
    words('admin tokens rotate token-1 --tenant tenant-1'),
    { method: 'POST', path: '/admin/tenants/tenant-1/tokens/token-1/rotate', body: {} },
  ],
  [
    'tenants get takes an id',
    words('tenants get tenant-1'),
    { method: 'GET', path: '/admin/tenants/tenant-1' },
  ],
  [
    'tenants suspend takes an id',
    words('tenants suspend tenant-1'),
    { method: 'POST', path: '/admin/tenants/tenant-1/suspend', body: {} },
  ],
  [
    'admin tenants resume takes an id',
    words('admin tenants resume tenant-1'),
    { method: 'POST', path: '/admin/tenants/tenant-1/resume', body: {} },
  ],
  [
    'admin usage takes the tenant and --days',
    words('admin usage tenant-1 --days 7'),
    { method: 'GET', path: '/admin/tenants/tenant-1/usage', query: { days: '7' } },
  ],
  [
    'admin quotas get takes the tenant',
    words('admin quotas get tenant-1'),
    { method: 'GET', path: '/admin/tenants/tenant-1/quotas' },
  ],
  [
    'admin quotas set takes a flag for each quota',
    words(
      'admin quotas set tenant-1 --memories 1 --bytes 2 --vectors 3 --links 4 --embeddings-per-day 5 --requests-per-second 6 --requests-per-day 7 --policy evict --tenant-class gold',
    ),
    {
      method: 'PUT',
      path: '/admin/tenants/tenant-1/quotas',
      body: {
        memories: 1,
        bytes: 2,
        vectors: 3,
        links: 4,
        embeddings_per_day: 5,
        requests_per_second: 6,
        requests_per_day: 7,
        policy: 'evict',
        tenant_class: 'gold',
      },
    },
  ],
  [
    'admin quotas verify takes --tenant --repair',
    words('admin quotas verify --tenant tenant-1 --repair'),
    { method: 'POST', path: '/admin/quotas/verify', body: { tenant: 'tenant-1', repair: true } },
  ],
  [
    'tokens revoke takes the id of the token',
    ['tokens', 'revoke', 'token-1', '--tenant', 'tenant-1'],
    { method: 'DELETE', path: '/admin/tenants/tenant-1/tokens/token-1' },
  ],
  [
    'admin consistency takes --limit --cursor',
    ['admin', 'consistency', '--limit', '3', '--cursor', 'c'],
    { method: 'GET', path: '/admin/consistency', query: { limit: '3', cursor: 'c' } },
  ],
  [
    'admin reconcile takes --tenant --dry-run',
    ['admin', 'reconcile', '--tenant', 'tenant-1', '--dry-run'],
    { method: 'POST', path: '/admin/reconcile', body: { tenant: 'tenant-1', dry_run: true } },
  ],
  [
    'admin reindex takes --tenant',
    ['admin', 'reindex', '--tenant', 'tenant-1'],
    { method: 'POST', path: '/admin/reindex', body: { tenant: 'tenant-1' } },
  ],
  [
    'admin reembed takes --model --dimension --no-join-hash --no-switch',
    words('admin reembed --model m --dimension 64 --no-join-hash --no-switch'),
    {
      method: 'POST',
      path: '/admin/reembed',
      body: { model: 'm', dimension: 64, join_hash: false, switch: false },
    },
  ],
  [
    'admin reembed changes to the configured model without a name',
    ['admin', 'reembed'],
    { method: 'POST', path: '/admin/reembed', body: {} },
  ],
  [
    'admin reembed takes --status',
    ['admin', 'reembed', '--status'],
    { method: 'GET', path: '/admin/reembed' },
  ],
  [
    'admin reembed takes --switch-now',
    ['admin', 'reembed', '--switch-now'],
    { method: 'POST', path: '/admin/reembed/switch' },
  ],
  [
    'admin reembed takes --rollback',
    ['admin', 'reembed', '--rollback'],
    { method: 'POST', path: '/admin/reembed/rollback' },
  ],
  [
    'admin reembed takes --finish',
    ['admin', 'reembed', '--finish'],
    { method: 'POST', path: '/admin/reembed/finish' },
  ],
  [
    'admin reembed takes --cancel',
    ['admin', 'reembed', '--cancel'],
    { method: 'DELETE', path: '/admin/reembed' },
  ],
];
