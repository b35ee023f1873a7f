import type { CreatedToken, Tenant, TokenList } from '@soma/tenancy';
import { type Client, clientOf } from './client.js';
import { ok, problem } from './http.js';
import { OPERATOR_TOKEN, type Service, startService } from './service.js';

describe('administering tenants', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
  });
  afterAll(() => service.close());

  const asOperator = <Body>(method: string, path: string, body?: unknown) =>
    service.request<Body>(method, path, { token: OPERATOR_TOKEN, body });
  const tokensOf = ({ tenantId }: Client) => `/admin/tenants/${tenantId}/tokens`;
  const newToken = async (maker: Client, body: object) =>
    ok(maker.post<CreatedToken>(tokensOf(maker), { name: 'n', ...body }), 201);
  const statusOf = async (token: string) =>
    (await service.request('GET', '/stats', { token })).status;

  it('P42 shows a tenant to itself and to the operator, and to nobody else', async () => {
    const path = `/admin/tenants/${ours.tenantId}`;
    const own = await ok(ours.get<Tenant>(path));
    expect(own).toMatchObject({ id: ours.tenantId, suspended_at: null });
    expect(await ok(asOperator<Tenant>('GET', path))).toEqual(own);
    expect(await theirs.get(path)).toMatchObject(problem('TENANT_NOT_FOUND'));
  });

  describe('suspending', () => {
    it('refuses its tokens at once, loses nothing, and touches no other tenant', async () => {
      const tenant = await service.tenant();
      await tenant.store({ coord: '1', content: 'stays' });
      const path = `/admin/tenants/${tenant.tenantId}`;
      const suspended = await ok(asOperator<Tenant>('POST', `${path}/suspend`));
      expect(Date.parse(suspended.suspended_at ?? '')).toBeGreaterThan(0);
      for (const answer of [
        await tenant.get('/memories/1'),
        await tenant.post('/memories', { content: 'more' }),
        await tenant.get(path),
        await tenant.post(`${path}/resume`),
      ]) {
        expect(answer).toMatchObject(problem('TENANT_SUSPENDED'));
      }
      expect((await ours.get('/stats')).status).toBe(200);
      const again = await ok(asOperator<Tenant>('POST', `${path}/suspend`));
      expect(again.suspended_at).toBe(suspended.suspended_at);
      const resumed = await ok(asOperator<Tenant>('POST', `${path}/resume`));
      expect(resumed.suspended_at).toBeNull();
      expect((await tenant.read('1')).content).toBe('stays');
    });

    it('P42 is for the operator alone, of a tenant that exists', async () => {
      for (const verb of ['suspend', 'resume']) {
        for (const { tenantId } of [ours, theirs]) {
          const path = `/admin/tenants/${tenantId}/${verb}`;
          expect(await ours.post(path)).toMatchObject(problem('SCOPE_MISSING'));
        }
        for (const id of ['x', '01890000-0000-7000-8000-000000000000']) {
          const path = `/admin/tenants/${id}/${verb}`;
          expect(await asOperator('POST', path)).toMatchObject(problem('TENANT_NOT_FOUND'));
        }
      }
      expect((await theirs.get('/stats')).status).toBe(200);
    });
  });

  describe('rotating a token', () => {
    it('gives a new secret, and lets the old one work for the overlap alone', async () => {
      const created = await newToken(ours, { scopes: ['memories:read'] });
      const rotate = async (overlap_seconds: number) =>
        ok(
          ours.post<CreatedToken>(`${tokensOf(ours)}/${created.id}/rotate`, { overlap_seconds }),
          201,
        );
      expect(await statusOf(created.token)).toBe(200);
      const second = await rotate(60);
      expect(second).toMatchObject({ id: created.id, scopes: ['memories:read'] });
      expect(second.token).not.toBe(created.token);
      expect(await Promise.all([created, second].map(({ token }) => statusOf(token)))).toEqual([
        200, 200,
      ]);
      const third = await rotate(0);
      const statuses = [created, second, third].map(({ token }) => statusOf(token));
      expect(await Promise.all(statuses)).toEqual([401, 401, 200]);
      const { tokens } = await ok(ours.get<TokenList>(tokensOf(ours)));
      expect(tokens.find(({ id }) => id === created.id)?.rotated_at).not.toBeNull();
    });

    it('P42 knows no token of another tenant, and no revoked one', async () => {
      const rotate = (client: Client, tenant: Client, id: string) =>
        client.post(`${tokensOf(tenant)}/${id}/rotate`, {});
      expect(await rotate(ours, theirs, theirs.tokenId)).toMatchObject(problem('TENANT_NOT_FOUND'));
      expect(await rotate(ours, ours, theirs.tokenId)).toMatchObject(problem('TOKEN_NOT_FOUND'));
      const revoked = await newToken(ours, { scopes: ['memories:read'] });
      await ours.delete(`${tokensOf(ours)}/${revoked.id}`);
      expect(await rotate(ours, ours, revoked.id)).toMatchObject(problem('TOKEN_NOT_FOUND'));
      expect(await statusOf(theirs.token)).toBe(200);
    });
  });

  describe("a maker's rights", () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    const later = new Date(Date.now() + 7_200_000).toISOString();
    let maker: Client;

    beforeAll(async () => {
      const rights = { scopes: ['admin', 'memories:read'], namespaces: ['a', 'b'] };
      const created = await newToken(ours, { ...rights, expires_at: inAnHour });
      maker = clientOf(service.url, created);
    });

    it('P42 bound the token it makes', async () => {
      for (const beyond of [
        { scopes: ['memories:write'] },
        { scopes: ['memories:read', 'graph:read'] },
        { scopes: ['memories:read'], namespaces: ['c'] },
        { scopes: ['memories:read'], namespaces: ['a', 'c'] },
        { scopes: ['memories:read'], expires_at: later },
      ]) {
        const answer = await maker.post(tokensOf(ours), { name: 'n', ...beyond });
        expect(answer).toMatchObject(problem('TOKEN_RIGHTS_EXCEEDED'));
      }
      expect(await newToken(maker, { scopes: ['memories:read'] })).toMatchObject({
        namespaces: ['a', 'b'],
        expires_at: inAnHour,
      });
    });

    it('P42 bound the tokens it sees, rotates and revokes', async () => {
      const within = await newToken(ours, {
        scopes: ['memories:read'],
        namespaces: ['a'],
        expires_at: inAnHour,
      });
      const stronger = await newToken(ours, { scopes: ['memories:write'], namespaces: ['a'] });
      const { tokens } = await ok(maker.get<TokenList>(tokensOf(ours)));
      const ids = tokens.map(({ id }) => id);
      expect(ids).toEqual(expect.arrayContaining([within.id, stronger.id, maker.tokenId]));
      expect(ids).not.toContain(ours.tokenId);
      const at = (id: string) => `${tokensOf(ours)}/${id}`;
      expect(await maker.delete(at(ours.tokenId))).toMatchObject(problem('TOKEN_NOT_FOUND'));
      const rotate = (id: string) => maker.post(`${at(id)}/rotate`, {});
      expect(await rotate(ours.tokenId)).toMatchObject(problem('TOKEN_NOT_FOUND'));
      expect(await rotate(stronger.id)).toMatchObject(problem('TOKEN_RIGHTS_EXCEEDED'));
      expect((await rotate(within.id)).status).toBe(201);
      expect((await maker.delete(at(within.id))).status).toBe(204);
      expect(await statusOf(ours.token)).toBe(200);
    });
  });
});
