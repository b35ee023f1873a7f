import { randomBytes } from 'node:crypto';
import type { Memory, VersionPage } from '@soma/memory';
import { ok, problem } from '../http.js';
import { type Client, type Service, startService } from '../service.js';
import { createOwnStack, type OwnStack } from '../stack.js';
import { operatorOf } from './operator.js';
import { StoredRows } from './stored-rows.js';

const SECRET = 'canaryquartzfjord';
const SECRETS = {
  content: `Ada keeps the ${SECRET} in Geneva.`,
  payload: { where: `the ${SECRET} vault`, list: [1, { deep: SECRET }] },
  metadata: { project: SECRET, role: 'user' },
  prediction: `They will look for the ${SECRET}.`,
};
const KEYS = `first:${randomBytes(32).toString('base64')}`;

describe('encryption at rest', () => {
  let stack: OwnStack;
  let service: Service;
  let operator: ReturnType<typeof operatorOf>;
  let rows: StoredRows;
  let ours: Client;
  let plain: Client;

  beforeAll(async () => {
    // Whoever shared its index would meet vectors that nobody else can open.
    stack = await createOwnStack();
    service = await startService({ ...stack.settings, SOMA_ENCRYPTION_KEYS: KEYS });
    operator = operatorOf(service);
    rows = new StoredRows(service);
    [ours, plain] = [await service.tenant(), await service.tenant()];
    await operator.encrypt(ours.tenantId, 'all');
  });
  afterAll(async () => {
    await service.close();
    await stack.drop();
  });

  /** How many rows of any kind are not as they should be. */
  const remaining = async (): Promise<number[]> => [
    ...new Set(Object.values((await operator.status(ours.tenantId)).remaining)),
  ];
  /** Writes the secret in every way there is. */
  const writeEverything = async (client: Client): Promise<Memory> => {
    const first = await client.store({ coord: '1', ...SECRETS, tags: ['geneva'], speaker: 'Ada' });
    await client.store({ coord: '2', content: 'Another place.', metadata: { n: 1 } });
    await client.storeAll([
      { coord: '3', ...SECRETS },
      { coord: '3', ...SECRETS },
    ]);
    await ok(client.patch('/memories/2', { payload: SECRETS.payload, metadata: SECRETS.metadata }));
    await client.link('1', '2', { metadata: { why: SECRET } });
    const body = { coord: '4', ...SECRETS, links: [{ to_coord: '1', metadata: { why: SECRET } }] };
    for (let turn = 0; turn < 2; turn += 1) {
      const kept = await client.post<Memory>('/memories', body, { 'idempotency-key': 'once' });
      expect(kept).toMatchObject({ status: 201, body: { ...SECRETS, version: 1 } });
    }
    return first;
  };

  it('P38 leaves no word of an encrypted tenant in any column of any table', async () => {
    for (const client of [ours, plain]) await writeEverything(client);
    expect(await rows.tablesWith(plain.tenantId, SECRET)).toEqual([
      'idempotency_keys',
      'links',
      'memories',
      'memory_versions',
      'postings',
    ]);
    expect(await rows.tablesWith(ours.tenantId, SECRET)).toEqual([]);
    expect(await remaining()).toEqual([0]);
  });

  it('P38 gives its memories back as they were stored, and to no other tenant', async () => {
    const stored = await ours.store({ coord: '10', ...SECRETS });
    expect(stored).toMatchObject(SECRETS);
    for (const address of ['10', stored.id]) {
      expect(await ours.read(address)).toMatchObject(SECRETS);
      expect(await plain.get(`/memories/${stored.id}`)).toMatchObject(problem('MEMORY_NOT_FOUND'));
    }
    const again = await ours.store({ coord: '10', content: 'New words.' });
    expect(again).toMatchObject({ id: stored.id, content: 'New words.', payload: {}, version: 2 });
    const { body } = await ours.patch<Memory>('/memories/10', { content: SECRETS.content });
    expect(body).toMatchObject({ content: SECRETS.content, payload: {}, version: 3 });
    expect((await ours.list('limit=200')).memories).toContainEqual(body);
    expect(JSON.stringify(await ours.neighbors('coord=1'))).toContain(`"why":"${SECRET}"`);
  });

  it('P38 gives earlier versions back, listed, restored, and as they were known', async () => {
    const { versions } = await ok(ours.get<VersionPage>('/memories/3/versions'));
    expect(versions.map(({ version }) => version)).toEqual([2, 1]);
    for (const version of versions) expect(version).toMatchObject(SECRETS);
    const at = versions[1]?.updated_at;
    expect(await ok(ours.get('/memories/3?known_at=' + at))).toMatchObject(SECRETS);
    await ours.store({ coord: '3', content: 'Something else.' });
    const restored = await ok(ours.post<Memory>('/memories/3/versions/1/restore'));
    expect(restored).toMatchObject({ ...SECRETS, version: 4 });
    expect(await rows.tablesWith(ours.tenantId, SECRET)).toEqual([]);
    expect(await plain.get(`/memories/${restored.id}/versions`)).toMatchObject(
      problem('MEMORY_NOT_FOUND'),
    );
  });

  it('P38 supersedes facts, gives them back in force, and searches the past', async () => {
    const state = (coord: string, content: string, year: number) =>
      ours.store({ coord, content, slot: 's', valid_from: `${year}-01-01T00:00:00Z`, tags: ['f'] });
    const told = async (more = {}): Promise<string[]> => {
      const { memories } = await ours.search('who holds the seal?', {
        filter: { tags: 'f' },
        ...more,
      });
      return memories.map(({ content }) => content);
    };
    const old = await state('20', `The seal is held by ${SECRET} one.`, 2020);
    await state('21', `The seal is held by ${SECRET} two.`, 2024);
    expect(await told()).toEqual([`The seal is held by ${SECRET} two.`]);
    expect(await told({ valid_at: '2022-01-01T00:00:00Z' })).toEqual([old.content]);
    await ours.patch('/memories/20', { content: 'The seal was lost.' });
    expect(await told({ known_at: old.created_at })).toEqual([old.content]);
    await ours.delete('/memories/21');
    expect(await told({ recipe: 'dense' })).toEqual(['The seal was lost.']);
    expect(await plain.get(`/memories/${old.id}`)).toMatchObject(problem('MEMORY_NOT_FOUND'));
    expect(await rows.tablesWith(ours.tenantId, SECRET)).toEqual([]);
    await ours.delete('/memories/20');
  });

  it('P38 finds by meaning, says that words are not searched, and by tags and speakers', async () => {
    const words = await ours.search(`Where is the ${SECRET}?`, { explain: true });
    expect(words.notes).toEqual(['content-encrypted']);
    expect(words.memories[0]).toMatchObject({ content: SECRETS.content });
    expect((await ours.search('geneva', { filter: { tags: 'geneva' } })).memories).toMatchObject([
      { coordinate: '1', ...SECRETS },
    ]);
    const [byTag] = (await ours.search('geneva')).memories;
    expect(byTag).toMatchObject({ coordinate: '1', ...SECRETS });
    expect((await ours.search('x', { recipe: 'dense' })).notes).toBeUndefined();
    expect((await plain.search(SECRET)).notes).toBeUndefined();
    const theirs = await plain.search(SECRET, { top_k: 100 });
    const own = new Set((await ours.list('limit=200')).memories.map(({ id }) => id));
    expect(theirs.memories.filter(({ id }) => own.has(id))).toEqual([]);
  });

  it('P38 refuses what it cannot answer: filters by metadata, and a search by words alone', async () => {
    const filter = { or: [{ tags: 'x' }, { not: { 'metadata.project': SECRET } }] };
    const refused = problem('FIELD_ENCRYPTED');
    const query = encodeURIComponent(JSON.stringify(filter));
    expect(await ours.get(`/memories?filter=${query}`)).toMatchObject(refused);
    expect(await ours.post('/memories/search', { query: 'x', filter })).toMatchObject(refused);
    expect(await ours.post('/memories/search', { query: 'x', recipe: 'lexical' })).toMatchObject(
      refused,
    );
    for (const dry_run of [true, false]) {
      expect(await ours.post('/memories/delete', { filter, dry_run })).toMatchObject(refused);
    }
    const batch = await ours.post('/memories/search/batch', {
      searches: [{ query: 'x', filter }, { query: 'x' }],
    });
    expect(JSON.stringify(batch.body)).toContain('FIELD_ENCRYPTED');
    expect((await plain.get(`/memories?filter=${query}`)).status).toBe(200);
    expect((await plain.post('/memories/search', { query: 'x', recipe: 'lexical' })).status).toBe(
      200,
    );
  });

  it('P38 encrypts what was stored before, step by step, and makes it readable again', async () => {
    const client = await service.tenant();
    await writeEverything(client);
    const before = await client.list('limit=200');
    const { remaining } = await operator.encrypt(client.tenantId, 'all');
    expect(remaining).toMatchObject({ memories: 4, versions: 6, links: 2, vectors: 4, answers: 1 });
    await client.store({ coord: '5', ...SECRETS });
    expect(await operator.apply(client.tenantId, 3)).toBe(17);
    const applied = await operator.status(client.tenantId);
    expect(applied).toMatchObject({ applied: true, policy: 'all', key_version: 1 });
    expect(await rows.tablesWith(client.tenantId, SECRET)).toEqual([]);
    await ok(client.delete('/memories/5'), 204);
    expect((await client.list('limit=200')).memories).toEqual(before.memories);
    expect(await operator.apply(client.tenantId)).toBe(0);

    await operator.encrypt(client.tenantId, 'off');
    const query = encodeURIComponent(JSON.stringify({ 'metadata.project': SECRET }));
    expect(await client.get(`/memories?filter=${query}`)).toMatchObject(problem('FIELD_ENCRYPTED'));
    await operator.apply(client.tenantId, 2);
    expect((await client.list(`filter=${query}`)).memories).toHaveLength(4);
    expect((await client.list('limit=200')).memories).toEqual(before.memories);
    const words = await client.search(SECRET, { recipe: 'lexical' });
    expect(words.memories.map(({ coordinate }) => coordinate).sort()).toEqual(['1', '3', '4']);
  });

  it('P38 encrypts a prediction that alone was left as it was, and gives it a new key', async () => {
    const client = await service.tenant();
    const stored = await client.store({ coord: '1', ...SECRETS });
    const others = { content: 'New.', payload: { n: 1 }, metadata: { n: 1 } };
    await operator.encrypt(client.tenantId, 'all');
    await ok(client.patch('/memories/1', others));
    expect(await operator.status(client.tenantId)).toMatchObject({
      remaining: { memories: 1, versions: 2 },
    });
    await operator.apply(client.tenantId);
    expect(await rows.tablesWith(client.tenantId, SECRET)).toEqual([]);
    await operator.rotate(client.tenantId);
    await ok(client.patch('/memories/1', others));
    expect(await operator.status(client.tenantId)).toMatchObject({ remaining: { memories: 1 } });
    await operator.apply(client.tenantId);
    const [{ key } = {}] = await rows.ask(
      client.tenantId,
      'SELECT get_byte(sealed_prediction, 4) AS key FROM memories',
    );
    expect(key).toBe(2);
    expect(await client.read('1')).toMatchObject({ ...others, prediction: SECRETS.prediction });
    expect(await plain.get(`/memories/${stored.id}`)).toMatchObject(problem('MEMORY_NOT_FOUND'));
    await ok(client.patch('/memories/1', { prediction: null }));
    expect((await client.read('1')).prediction).toBeNull();
  });

  it('P38 encrypts chosen fields alone, and searches the rest', async () => {
    const client = await service.tenant();
    await operator.encrypt(client.tenantId, 'fields', ['payload']);
    const content = 'The launch is on Monday.';
    const plainly = { metadata: { project: 'launch' }, prediction: 'It will fly.' };
    await client.store({ coord: '1', ...SECRETS, content, ...plainly });
    expect(await rows.tablesWith(client.tenantId, SECRET)).toEqual([]);
    const found = await client.search('launch', { filter: { 'metadata.project': 'launch' } });
    expect(found.notes).toBeUndefined();
    expect(found.memories).toMatchObject([{ content, payload: SECRETS.payload }]);
  });

  it('P38 refuses a value that was moved or changed by a bit, and gives nothing else instead', async () => {
    const client = await service.tenant();
    await operator.encrypt(client.tenantId, 'all');
    const [one, two] = [
      await client.store({ coord: '1', content: 'First words.', payload: { n: 1 } }),
      await client.store({ coord: '2', content: 'Second words.', payload: { n: 2 } }),
    ];
    const theirs = await ours.store({ coord: '90', content: 'Words of another tenant.' });
    const [foreign] = await rows.ask(
      ours.tenantId,
      `SELECT encode(sealed_content, 'hex') AS hex FROM memories WHERE id = '${theirs.id}'`,
    );
    const own = await rows.ask(
      client.tenantId,
      `SELECT encode(sealed_content, 'hex') AS hex FROM memories WHERE id = '${two.id}'`,
    );
    const changes = [
      `sealed_content = set_byte(sealed_content, 20, get_byte(sealed_content, 20) # 1)`,
      `sealed_content = decode('${String(own[0]?.['hex'])}', 'hex')`,
      `sealed_content = decode('${String(foreign?.['hex'])}', 'hex')`,
      `sealed_content = sealed_payload`,
      `sealed_content = substring(sealed_content FROM 1 FOR 30)`,
      `sealed_content = ''`,
    ];
    for (const change of changes) {
      const [kept] = await rows.ask(
        client.tenantId,
        `SELECT encode(sealed_content, 'hex') AS hex FROM memories WHERE id = '${one.id}'`,
      );
      await rows.ask(client.tenantId, `UPDATE memories SET ${change} WHERE id = '${one.id}'`);
      for (const path of [`/memories/${one.id}`, '/memories']) {
        const answer = await client.get(path);
        expect({ change, ...answer }).toMatchObject(problem('DECRYPTION_FAILED'));
        expect(JSON.stringify(answer.body)).not.toContain('words.');
      }
      expect(await client.read(two.id)).toMatchObject({ content: 'Second words.' });
      expect(await ours.read(theirs.id)).toMatchObject({ content: 'Words of another tenant.' });
      await rows.ask(
        client.tenantId,
        `UPDATE memories SET sealed_content = decode('${String(kept?.['hex'])}', 'hex')
         WHERE id = '${one.id}'`,
      );
    }
    expect(await client.read(one.id)).toMatchObject({ content: 'First words.' });
  });

  it('P38 gives new writes a new key, reads the old, and brings all to the new one', async () => {
    const client = await service.tenant();
    await operator.encrypt(client.tenantId, 'all');
    await writeEverything(client);
    const before = await client.list('limit=200');
    expect(await operator.rotate(client.tenantId)).toMatchObject({
      key_version: 2,
      keys: [{ version: 1 }, { version: 2 }],
      remaining: { memories: 4 },
    });
    await client.store({ coord: '9', ...SECRETS });
    const versions = await rows.ask(
      client.tenantId,
      'SELECT coordinate, get_byte(sealed_content, 4) AS key FROM memories ORDER BY coordinate',
    );
    expect(versions.map(({ key }) => key)).toEqual([1, 1, 1, 1, 2]);
    await operator.apply(client.tenantId);
    expect(await operator.status(client.tenantId)).toMatchObject({
      applied: true,
      remaining: { memories: 0, versions: 0, links: 0, vectors: 0, answers: 0 },
    });
    await ok(client.delete('/memories/9'), 204);
    expect((await client.list('limit=200')).memories).toEqual(before.memories);
    expect(await client.get('/memories/9')).toMatchObject(problem('MEMORY_NOT_FOUND'));
  });

  it('P38 shows keys and policies to the operator alone, and of no tenant that is not there', async () => {
    for (const tenant of ['0190aaaa-0000-7000-8000-00000000dead', 'x', 'default']) {
      expect(await operator.send('GET', operator.pathOf(tenant))).toMatchObject(
        problem('TENANT_NOT_FOUND'),
      );
    }
    const bad = [{ policy: 'fields' }, { policy: 'all', fields: ['payload'] }, { policy: 'some' }];
    for (const body of [...bad, { policy: 'fields', fields: ['content'] }]) {
      expect(await operator.send('PUT', operator.pathOf(ours.tenantId), body)).toMatchObject(
        problem('VALIDATION_FAILED'),
      );
    }
    expect(await ours.get(operator.pathOf(ours.tenantId))).toMatchObject(problem('SCOPE_MISSING'));
    const apply = operator.pathOf(ours.tenantId, '/apply');
    expect(await operator.send('POST', apply, { cursor: 'bWFkZSB1cA' })).toMatchObject(
      problem('CURSOR_INVALID'),
    );
  });

  it('P38 keeps one coordinate readable that many write at once', async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      const coord = `77,${turn}`;
      const stored = await Promise.all(
        Array.from({ length: 8 }, (_, n) =>
          ours.store({ coord, content: `Writer ${n}.`, prediction: `Of ${n}.` }),
        ),
      );
      const last = stored.find(({ version }) => version === 8);
      expect(await ours.read(coord)).toMatchObject({
        version: 8,
        content: last?.content,
        prediction: last?.prediction,
      });
    }
  });
});
