import { tenantId, TenantScope } from '@soma/core';
import type { Principal, RouteAccess } from '@soma/tenancy';
import { policyInput } from './policy-input.js';

const TENANT = '0190aaaa-0000-7000-8000-000000000001';
const ID = '0190bbbb-0000-7000-8000-000000000001';
const NO_RATES = { perSecond: null, perDay: null };
const token: Principal = {
  kind: 'tenant',
  tokenId: 'a1',
  tenant: TenantScope.of(tenantId(TENANT)),
  scopes: new Set(['memories:write', 'memories:read']),
  rates: { token: NO_RATES, tenant: NO_RATES },
  expiresAt: undefined,
};
const access: RouteAccess = { kind: 'scope', scope: 'memories:read' };

interface GivenRequest {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string | string[]>;
  readonly body?: unknown;
  readonly method?: string;
}

const inputOf = (
  path: string,
  { params = {}, query = {}, body, method = 'POST' }: GivenRequest = {},
) => policyInput({ method, route: { path }, params, query, body }, access, token);

describe(policyInput, () => {
  it('P43 says who, what and on what, and no word of content', () => {
    const body = {
      namespace: 'notes',
      content: 'SECRET',
      payload: { a: 'SECRET' },
      query: 'SECRET',
    };
    const input = inputOf('/memories', { body });
    expect(input).toEqual({
      principal: {
        kind: 'tenant',
        token_id: 'a1',
        tenant_id: TENANT,
        scopes: ['memories:read', 'memories:write'],
      },
      action: { method: 'POST', route: '/memories', scope: 'memories:read' },
      resource: { tenant_id: TENANT, namespaces: ['notes'], by_id: false },
    });
    expect(JSON.stringify(input)).not.toContain('SECRET');
  });

  it.each([
    ['/memories', {}, ['default']],
    ['/hierarchy/tree', {}, ['default']],
    ['/hierarchy/summarize', { body: { namespace: 'a' } }, ['a']],
    ['/hierarchy/consolidate', {}, []],
    ['/memories/:address', { params: { address: '1,2' }, query: { namespace: 'b' } }, ['b']],
    ['/memories', { query: { namespace: ['b', 'a'] } }, ['a', 'b']],
    ['/memories/bulk', { body: { memories: [{ namespace: 'b' }, {}, null] } }, ['b', 'default']],
    [
      '/memories/search/batch',
      { body: { searches: [{ namespace: 'x' }, { namespace: 'x' }] } },
      ['x'],
    ],
    ['/memories/bulk', { body: { memories: [], namespace: 'y' } }, ['y']],
    ['/namespaces/:namespace', { params: { namespace: 'e\u0301' } }, ['\u00e9']],
    ['/memories', { body: { namespace: { not: 'text' } } }, ['{"not":"text"}']],
    ['/stats', {}, []],
    ['/graph/path', {}, ['default']],
  ])('P43 names every namespace of %s %j: %j', (path, request, namespaces) => {
    expect(inputOf(path, request).resource.namespaces).toEqual(namespaces);
  });

  it.each([
    ['/memories/:address', { params: { address: ID } }, true],
    ['/memories/:address', { params: { address: '1,2' } }, false],
    ['/memories/delete', { body: { ids: [ID] } }, true],
    ['/graph/link', { body: { from_id: ID, to_coord: '1' } }, true],
    ['/graph/neighbors', { query: { id: ID } }, true],
    ['/memories', { body: { session_id: ID, content: ID } }, false],
  ])('P43 says of %s %j whether a memory is named by id: %s', (path, request, byId) => {
    expect(inputOf(path, request).resource.by_id).toBe(byId);
  });

  it("P43 names the tenant that an admin route is about, not the caller's", () => {
    const other = '0190CCCC-0000-7000-8000-000000000001';
    const input = inputOf('/admin/tenants/:tenant/tokens', { params: { tenant: other } });
    expect(input.resource.tenant_id).toBe(other.toLowerCase());
    expect(input.action.route).toBe('/admin/tenants/{tenant}/tokens');
    const operator: Principal = { kind: 'operator', tokenId: 'operator' };
    const route = { path: '/admin/tenants' };
    expect(
      policyInput(
        { method: 'GET', route, params: {}, query: {}, body: undefined },
        { kind: 'operator' },
        operator,
      ),
    ).toEqual({
      principal: { kind: 'operator', token_id: 'operator', tenant_id: null, scopes: [] },
      action: { method: 'GET', route: '/admin/tenants', scope: 'operator' },
      resource: { tenant_id: null, namespaces: [], by_id: false },
    });
  });
});
