import { randomBytes } from 'node:crypto';
import type { Memory } from '@soma/memory';
import type { Duplicates, MergedList } from '@soma/merging';
import { operatorOf } from '../encryption/operator.js';
import { StoredRows } from '../encryption/stored-rows.js';
import { ok } from '../http.js';
import { type Service, startService } from '../service.js';
import { createOwnStack, type OwnStack } from '../stack.js';
import { forgettingOf } from './requests.js';

const SECRET = 'quartzfjordcanary';
const SECRETS = {
  content: `Ada keeps the ${SECRET}.`,
  payload: { where: SECRET },
  metadata: { project: SECRET },
  prediction: `She will lose the ${SECRET}.`,
};

describe('the archive of an encrypted tenant', () => {
  let stack: OwnStack;
  let service: Service;

  beforeAll(async () => {
    stack = await createOwnStack();
    const SOMA_ENCRYPTION_KEYS = `first:${randomBytes(32).toString('base64')}`;
    service = await startService({ ...stack.settings, SOMA_ENCRYPTION_KEYS });
  });
  afterAll(async () => {
    await service.close();
    await stack.drop();
  });

  it.each(['before', 'after'])(
    'P38 has no word of it, encrypted %s it was archived, and gives it back',
    async (when) => {
      const ours = await service.tenant();
      const [operator, rows] = [operatorOf(service), new StoredRows(service)];
      const sut = forgettingOf(service, ours);
      if (when === 'before') await operator.encrypt(ours.tenantId, 'all');
      const faint = { ...SECRETS, importance: 0.01 };
      const stored = await ours.store({ coord: '1', ...faint });
      await ours.store({ coord: '2', content: 'strong', importance: 0.9 });
      await ours.link('1', '2', { metadata: { why: SECRET } });
      await sut.setPolicy({ prune: { below: 0.1 }, every_hours: null });
      expect(await sut.run({ dry_run: false })).toHaveLength(1);
      if (when === 'after') {
        expect(await rows.tablesWith(ours.tenantId, SECRET)).not.toEqual([]);
        await operator.encrypt(ours.tenantId, 'all');
        await operator.apply(ours.tenantId);
      }
      expect(await rows.tablesWith(ours.tenantId, SECRET)).toEqual([]);
      expect((await sut.archive()).archived).toMatchObject([{ content: SECRETS.content }]);
      const restored = await ok(sut.restore<Memory>(stored.id));
      expect(restored).toMatchObject({ ...SECRETS, version: 1 });
      expect(await rows.tablesWith(ours.tenantId, SECRET)).toEqual([]);
      const { neighbors } = await ours.neighbors('coord=1&direction=out');
      expect(neighbors).toMatchObject([{ link: { metadata: { why: SECRET } } }]);
    },
  );

  it.each(['before', 'after'])(
    'P38 has no word of what was merged, encrypted %s that, and unmerges it',
    async (when) => {
      const ours = await service.tenant();
      const [operator, rows] = [operatorOf(service), new StoredRows(service)];
      if (when === 'before') await operator.encrypt(ours.tenantId, 'all');
      const kept = await ours.store({ coord: '1', ...SECRETS });
      const member = await ours.store({ coord: '2', ...SECRETS });
      await ours.link('2', '1', { metadata: { why: SECRET } });
      const found = ours.post<Duplicates>('/hierarchy/duplicates', { dry_run: false });
      expect(await ok(found)).toMatchObject({
        clusters: [
          { kept: { id: kept.id }, members: [{ id: member.id, cosine: expect.closeTo(1, 4) }] },
        ],
      });
      if (when === 'after') {
        await operator.encrypt(ours.tenantId, 'all');
        await operator.apply(ours.tenantId);
      }
      expect(await rows.tablesWith(ours.tenantId, SECRET)).toEqual([]);
      expect(await ok(ours.get<MergedList>(`/memories/${kept.id}/merged`))).toMatchObject({
        merged: [{ id: member.id, content: SECRETS.content }],
      });
      await ok(ours.post(`/memories/${kept.id}/unmerge`, {}));
      expect(await rows.tablesWith(ours.tenantId, SECRET)).toEqual([]);
      expect(await ours.read(member.id)).toMatchObject({ ...SECRETS, version: 1 });
      const { neighbors } = await ours.neighbors('coord=2&direction=out');
      expect(neighbors).toMatchObject([{ link: { metadata: { why: SECRET } } }]);
    },
  );
});
