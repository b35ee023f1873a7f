import { request } from 'node:http';
import type { AuditPageView } from '@soma/audit';
import type { Extension } from '@soma/extensions';
import type { QuarantineList } from '@soma/memory';
import type { CreatedToken } from '@soma/tenancy';
import { type Client, clientOf } from './client.js';
import { eventually } from './eventually.js';
import { ok, problem } from './http.js';
import { type Service, startService } from './service.js';
import {
  exportLines,
  exportText,
  importLines,
  linesOf,
  NDJSON,
  sendImport,
} from './transfer-client.js';

const refusesSecrets: Extension = {
  name: 'no-secrets',
  api: 1,
  hooks: {
    beforeStore: (_scope, draft) =>
      draft.kind === 'store' && draft.memory.content?.includes('secret')
        ? { refuse: 'It is secret.' }
        : undefined,
  },
};

describe('who may export and import what', () => {
  let service: Service;
  let ours: Client;

  beforeAll(async () => {
    service = await startService({ SOMA_AUDIT_RECALLS: 'strict' }, [refusesSecrets]);
    ours = await service.tenant();
  });
  afterAll(() => service.close());

  const tokenOf = async (maker: Client, rights: object): Promise<Client> => {
    const scopes = ['memories:read', 'memories:write', 'graph:read', 'graph:write'];
    const body = { name: 'n', scopes, ...rights };
    const path = `/admin/tenants/${maker.tenantId}/tokens`;
    return clientOf(service.url, await ok(maker.post<CreatedToken>(path, body), 201));
  };
  const put = (client: Client, values: readonly unknown[], query?: string) =>
    importLines(service.url, client, values, query);
  const codesOf = ({ errors }: Awaited<ReturnType<typeof put>>) => errors.map(({ code }) => code);

  it('P30 keeps a token to its namespaces', async () => {
    const kept = await tokenOf(ours, { namespaces: ['diary'] });
    const line = linesOf([{ coord: '1', content: 'one' }]);
    const elsewhere = await sendImport(service.url, kept, line, 'namespace=work');
    expect(elsewhere).toMatchObject(problem('NAMESPACE_FORBIDDEN'));
    expect(await kept.get('/memories/export')).toMatchObject(problem('NAMESPACE_FORBIDDEN'));
    expect(await sendImport(service.url, kept, line, 'namespace=diary')).toMatchObject({
      body: { stored: 1 },
    });
    expect(await exportLines(service.url, kept, 'namespace=diary')).toHaveLength(1);
  });

  it('P30 asks for the scopes of memories, and of links for links', async () => {
    const tenant = await service.tenant();
    const lines = [{ coord: '1', content: 'one' }, { link: { from_coord: '1', to_coord: '1' } }];
    const reader = await tokenOf(tenant, { scopes: ['memories:read'] });
    const writer = await tokenOf(tenant, { scopes: ['memories:write'] });
    expect(await sendImport(service.url, reader, linesOf(lines))).toMatchObject(
      problem('SCOPE_MISSING'),
    );
    expect(await writer.get('/memories/export')).toMatchObject(problem('SCOPE_MISSING'));
    const written = await put(writer, lines);
    expect([written.stored, codesOf(written)]).toEqual([1, ['SCOPE_MISSING']]);
    await put(tenant, lines);
    expect(await exportLines(service.url, tenant)).toHaveLength(2);
    expect(await exportLines(service.url, reader)).toMatchObject([{ coord: '1' }]);
  });

  it("P30 lets nobody import more trust than the token's", async () => {
    const half = await tokenOf(ours, { trust: 0.5 });
    const lines = [
      { coord: '1', content: 'more', trust: 0.6 },
      { coord: '2', content: 'less', trust: 0.4 },
    ];
    const result = await put(half, lines, 'namespace=trust');
    expect([result.stored, codesOf(result)]).toEqual([1, ['TOKEN_RIGHTS_EXCEEDED']]);
  });

  it('P30 keeps what a token in quarantine imports apart, and shows none of it', async () => {
    const tenant = await service.tenant();
    await tenant.store({ coord: '1', content: 'there' });
    const suspect = await tokenOf(tenant, { quarantine: true });
    const lines = [
      { coord: '1', content: 'instead' },
      { coord: '2', content: 'new' },
      { link: { from_coord: '1', to_coord: '1' } },
    ];
    const result = await put(suspect, lines);
    expect(result).toMatchObject({ stored: 2, quarantined: 2, skipped: 0, failed: 1 });
    expect(codesOf(result)).toEqual(['WRITER_QUARANTINED']);
    const held = await ok(
      tenant.get<QuarantineList>(`/admin/tenants/${tenant.tenantId}/quarantine`),
    );
    expect(held.writes).toHaveLength(2);
    expect(await exportLines(service.url, tenant)).toMatchObject([{ content: 'there' }]);
  });

  it('P30 asks the hooks about every line', async () => {
    const tenant = await service.tenant();
    const result = await put(tenant, [
      { coord: '1', content: 'open' },
      { coord: '2', content: 'secret' },
      { coord: '3', content: 'open too' },
    ]);
    expect(result).toMatchObject({ stored: 2, errors: [{ line: 2, code: 'EXTENSION_REFUSED' }] });
  });

  it('P30 notes in the audit which memories an export showed', async () => {
    const tenant = await service.tenant();
    const { id } = await tenant.store({ coord: '1', content: 'shown' });
    await exportText(service.url, tenant);
    const { events } = await ok(
      tenant.get<AuditPageView>(
        `/admin/audit?tenant=${tenant.tenantId}&action=memories.export&memory=${id}`,
      ),
    );
    expect(events).toMatchObject([{ actor: tenant.tokenId, outcome: 'done' }]);
  });

  it('P30 goes on after a coordinate, as if it had not been cut off', async () => {
    const tenant = await service.tenant();
    const memories = Array.from({ length: 120 }, (_, n) => ({ coord: `${n}`, content: `n ${n}` }));
    await tenant.storeAll(memories);
    const all = await exportLines(service.url, tenant);
    expect(all.map(({ coord }) => coord)).toEqual(memories.map(({ coord }) => coord));
    for (const at of [0, 49, 50, 118]) {
      const rest = await exportLines(service.url, tenant, `after=${at}`);
      expect(rest).toEqual(all.slice(at + 1));
    }
    expect(await exportLines(service.url, tenant, 'after=119')).toEqual([]);
  });

  it('P30 gives what a filter finds, without summaries made of it', async () => {
    const tenant = await service.tenant();
    const memories = Array.from({ length: 12 }, (_, n) => ({
      coord: `${n}`,
      content: `Ada wrote note ${n} about the engine.`,
      tags: n < 5 ? ['low'] : [],
    }));
    await tenant.storeAll(memories);
    await tenant.link('1', '2');
    await tenant.link('1', '11');
    await ok(tenant.post('/hierarchy/consolidate', {}));
    expect(await exportLines(service.url, tenant)).toHaveLength(14);
    expect(await exportLines(service.url, tenant, 'tag=low')).toHaveLength(6);
    expect(await exportLines(service.url, tenant, 'memory_type=summary')).toEqual([]);
    expect(await tenant.get('/memories/export?filter=%7B%22nothing%22%3A1%7D')).toMatchObject(
      problem('FILTER_INVALID'),
    );
  });

  it('P30 goes on from the line that it is told', async () => {
    const tenant = await service.tenant();
    const lines = ['no json', '', { coord: '1', content: 'one' }, { coord: '2', content: 'two' }];
    expect(await put(tenant, lines, 'from_line=4')).toMatchObject({
      read: 1,
      stored: 1,
      failed: 0,
    });
    expect(await put(tenant, lines, 'from_line=5')).toMatchObject({ read: 0, next_line: null });
  });

  it('P30 keeps the whole lines of a caller that hangs up', async () => {
    const tenant = await service.tenant();
    const sending = request(`${service.url}/memories/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tenant.token}`, 'content-type': NDJSON },
    });
    sending.on('error', () => undefined);
    await new Promise((resolve) => {
      sending.write(`${linesOf([{ coord: '1', content: 'whole' }])}{"coord":"2","con`, resolve);
    });
    // Nothing tells when they have arrived.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    sending.destroy();
    await eventually(
      () => tenant.stats(),
      ({ memories }) => memories.total > 0,
    );
    expect(await exportLines(service.url, tenant)).toMatchObject([{ coord: '1' }]);
  });
});
