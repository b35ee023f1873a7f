import type { Namespace, NamespacePage } from '@soma/memory';
import { ok, problem, untilServed } from './http.js';
import { type Client, type Service, startService } from './service.js';

const GERMAN = [
  'Die Häuser am Fluss sind alt.',
  'Der Bäcker verkauft frisches Brot.',
  'Ada fährt jeden Morgen mit dem Rad.',
  'Im Garten blühen die Rosen.',
  'Der Zug nach Wien hat Verspätung.',
];

const CHINESE = [
  '我喜欢喝绿茶，不喜欢咖啡。',
  '他昨天去了北京出差。',
  '妹妹在学习弹钢琴。',
  '明天下午三点开会。',
  '这家餐厅的饺子很好吃。',
  '爸爸每天早上跑步。',
  '我的护照在抽屉里。',
  '猫睡在沙发上。',
  '春天的时候樱花开了。',
  'The backup runs on Sunday nights.',
];

const JAPANESE = [
  '私は毎朝コーヒーを飲みます。',
  '東京への出張は来週です。',
  '妹はピアノを習っています。',
  '会議は午後三時に始まります。',
  'この店の餃子はおいしい。',
  '父は公園で走っています。',
  'パスポートは引き出しの中です。',
  '猫がソファで寝ている。',
  '桜は四月に咲く。',
  'ゴミは火曜日に出す。',
];

const KOREAN = [
  '나는 아침마다 커피를 마신다.',
  '다음 주에 서울로 출장을 간다.',
  '동생은 피아노를 배우고 있다.',
  '회의는 오후 세 시에 시작한다.',
  '이 식당의 만두는 맛있다.',
  '아버지는 공원에서 달리기를 한다.',
  '여권은 서랍 안에 있다.',
  '고양이가 소파에서 잔다.',
  '벚꽃은 사월에 핀다.',
  '쓰레기는 화요일에 버린다.',
];

const MIXED = [
  'Ada 喝绿茶 every morning ☕',
  'Bo flies to 東京 next week ✈️',
  'The 회의 is in room 204',
  'Party at the lake 🎉🎂',
  'Train tickets cost 40 euros 🚆',
];

const QUESTIONS: [namespace: string, query: string, text: string | undefined][] = [
  ['chinese', '绿茶', CHINESE[0]],
  ['chinese', '谁去了北京？', CHINESE[1]],
  ['chinese', '猫', CHINESE[7]],
  ['chinese', '护照放在哪里', CHINESE[6]],
  ['chinese', 'when do the backups run', CHINESE[9]],
  ['japanese', 'ピアノ', JAPANESE[2]],
  ['japanese', '東京の出張はいつ', JAPANESE[1]],
  ['japanese', '桜', JAPANESE[8]],
  ['japanese', 'パスポートはどこ', JAPANESE[6]],
  ['korean', '피아노', KOREAN[2]],
  ['korean', '서울 출장은 언제', KOREAN[1]],
  ['korean', '잔', KOREAN[7]],
  ['korean', '여권이 어디에 있어', KOREAN[6]],
  ['mixed', '绿茶', MIXED[0]],
  ['mixed', 'flights to 東京', MIXED[1]],
  ['mixed', '회의', MIXED[2]],
  ['mixed', '🎂', MIXED[3]],
  ['mixed', '🚆', MIXED[4]],
];

describe('the language of a namespace', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    for (const [namespace, texts] of Object.entries({
      chinese: CHINESE,
      japanese: JAPANESE,
      korean: KOREAN,
      mixed: MIXED,
    })) {
      await storeTexts(ours, namespace, texts);
    }
    await storeTexts(theirs, 'chinese', ['他们的绿茶和猫。']);
  });
  afterAll(() => service.close());

  const put = (client: Client, namespace: string, body: unknown, headers = {}) =>
    service.request<Namespace>('PUT', `/namespaces/${encodeURIComponent(namespace)}`, {
      token: client.token,
      body,
      headers,
    });
  const setLanguage = (client: Client, namespace: string, language: string): Promise<Namespace> =>
    ok(untilServed(() => put(client, namespace, { language })));
  const get = (client: Client, namespace: string) =>
    client.get<Namespace>(`/namespaces/${encodeURIComponent(namespace)}`);
  const found = async (client: Client, namespace: string, query: string): Promise<string[]> => {
    const options = { namespace, recipe: 'lexical', top_k: 50 };
    const { memories } = await client.search(query, options);
    return memories.map(({ content }) => content);
  };

  it.each(QUESTIONS)(
    'finds in %s what %j asks for, by its words',
    async (namespace, query, text) => {
      expect((await found(ours, namespace, query))[0]).toBe(text);
      const { memories } = await ours.search(query, { namespace });
      expect(memories[0]?.content).toBe(text);
      expect(await found(theirs, namespace, query)).not.toContain(text);
    },
  );

  it('finds Chinese in a namespace of another language too', async () => {
    await setLanguage(ours, 'chinese-simple', 'simple');
    await storeTexts(ours, 'chinese-simple', CHINESE);
    expect((await found(ours, 'chinese-simple', '绿茶'))[0]).toBe(CHINESE[0]);
    expect(await found(ours, 'chinese-simple', 'when do backups run')).toEqual([]);
    expect(await found(theirs, 'chinese-simple', '绿茶')).toEqual([]);
  });

  it('stems by the language that was set beforehand', async () => {
    const set = await setLanguage(ours, 'deutsch', 'german');
    expect(set).toEqual({ namespace: 'deutsch', language: 'german', memories: 0 });
    await storeTexts(ours, 'deutsch', GERMAN);
    expect(await found(ours, 'deutsch', 'Haus')).toEqual([GERMAN[0]]);
    expect(await found(ours, 'deutsch', 'Gärten und Rose')).toEqual([GERMAN[3]]);
    expect((await get(ours, 'deutsch')).body).toEqual({ ...set, memories: GERMAN.length });

    await storeTexts(theirs, 'deutsch', GERMAN);
    expect((await get(theirs, 'deutsch')).body.language).toBe('english');
    expect(await found(theirs, 'deutsch', 'Haus')).toEqual([]);
  });

  it('derives anew what is stored, as if it had been stored in that language', async () => {
    const speakers = ['Ada', 'Bo'];
    const memories = GERMAN.map((content, number) => ({
      content,
      session_id: `s-${number % 2}`,
      speaker: speakers[number % 2],
      tags: ['wohnen'],
    }));
    const storeIn = (client: Client, namespace: string) =>
      client.storeAll(memories.map((memory) => ({ ...memory, namespace })));
    await setLanguage(ours, 'fresh', 'german');
    await storeIn(ours, 'fresh');
    await storeIn(ours, 'changed');
    await storeIn(theirs, 'changed');
    expect(await found(ours, 'changed', 'Haus')).toEqual([]);
    expect(await setLanguage(ours, 'changed', 'german')).toEqual({
      namespace: 'changed',
      language: 'german',
      memories: GERMAN.length,
    });

    const scored = async (client: Client, namespace: string, query: string) => {
      const answer = await client.search(query, { namespace, explain: true, top_k: 5 });
      return answer.memories.map(({ content, score }) => [content, score]);
    };
    for (const query of ['Haus', 'Wann fuhr Ada?', 'Rose im Garten', 'wohnen', 'alte Züge']) {
      expect(await scored(ours, 'changed', query)).toEqual(await scored(ours, 'fresh', query));
    }
    expect(await found(ours, 'changed', 'Haus')).toEqual([GERMAN[0]]);
    expect(await found(theirs, 'changed', 'Haus')).toEqual([]);
    expect((await get(theirs, 'changed')).body.language).toBe('english');

    await setLanguage(ours, 'changed', 'english');
    expect(await found(ours, 'changed', 'Haus')).toEqual([]);
    expect(await found(ours, 'changed', 'Häuser')).toEqual([GERMAN[0]]);
  });

  it('leaves no memory in the old language that was stored while it changed', async () => {
    const namespace = 'contended';
    const languages = ['german', 'english', 'german'];
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let turn = 0; turn < 8; turn += 1) {
        const content = `Die Häuser Nummer ${writer * 100 + turn}.`;
        const { id } = await ours.store({ namespace, content });
        const change = { content: `${content} Neu.` };
        if (turn % 3 === 0) await ok(untilServed(() => ours.patch(`/memories/${id}`, change)));
        if (turn % 4 === 3) await ours.deleteBy({ ids: [id] });
      }
    });
    const change = async (): Promise<void> => {
      for (const language of languages) await setLanguage(ours, namespace, language);
    };
    await Promise.all([...writers, change()]);

    const kept = 8 * 6;
    expect((await get(ours, namespace)).body).toEqual({
      namespace,
      language: 'german',
      memories: kept,
    });
    expect(await found(ours, namespace, 'Haus')).toHaveLength(kept);
    expect(await found(theirs, namespace, 'Haus')).toEqual([]);
  });

  it('answers the same language with the namespace, and the same key with the first answer', async () => {
    const first = await setLanguage(ours, 'twice', 'french');
    expect(await setLanguage(ours, 'twice', 'french')).toEqual(first);
    const key = { 'idempotency-key': 'language-once' };
    const answer = await ok(put(ours, 'twice', { language: 'italian' }, key));
    await setLanguage(ours, 'twice', 'spanish');
    expect(await ok(put(ours, 'twice', { language: 'italian' }, key))).toEqual(answer);
    expect((await get(ours, 'twice')).body.language).toBe('spanish');
    expect(await put(ours, 'twice', { language: 'dutch' }, key)).toMatchObject(
      problem('IDEMPOTENCY_KEY_REUSED'),
    );
  });

  it('lists the namespaces of the tenant by name, page by page', async () => {
    const client = await service.tenant();
    const names = ['a', 'b', 'c d/e', 'ü'];
    for (const name of names) await setLanguage(client, name, 'danish');
    const listed: Namespace[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`;
      const page: NamespacePage = await ok(client.get(`/namespaces?limit=3${query}`));
      listed.push(...page.namespaces);
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(listed).toEqual(
      names.map((namespace) => ({ namespace, language: 'danish', memories: 0 })),
    );
    const { next_cursor } = await ok(client.get<NamespacePage>('/namespaces?limit=1'));
    expect(await theirs.get(`/namespaces?limit=1&cursor=${next_cursor}`)).toMatchObject(
      problem('CURSOR_INVALID'),
    );
    const foreign = await ok(theirs.get<NamespacePage>('/namespaces'));
    expect(foreign.namespaces.map(({ namespace }) => namespace)).not.toContain('ü');
  });

  it("does not know a namespace that is another tenant's, nor one that never was", async () => {
    await setLanguage(theirs, 'only-theirs', 'greek');
    for (const name of ['only-theirs', 'never-was']) {
      expect(await get(ours, name)).toMatchObject(problem('NAMESPACE_NOT_FOUND'));
    }
    expect((await get(theirs, 'only-theirs')).status).toBe(200);
  });

  it.each([
    [{ language: 'klingon' }],
    [{ language: 'estonian' }],
    [{ language: 'pg_catalog.german' }],
    [{ language: '' }],
    [{ language: null }],
    [{}],
    [{ language: 'german', tenant: 'x' }],
    [[]],
  ])('refuses %j', async (body) => {
    expect(await put(ours, 'refused', body)).toMatchObject(problem('VALIDATION_FAILED'));
    expect((await get(ours, 'refused')).status).toBe(404);
  });

  it('refuses a name that cannot be stored', async () => {
    const body = { language: 'german' };
    expect(await put(ours, 'x'.repeat(201), body)).toMatchObject(problem('VALIDATION_FAILED'));
    expect(await put(ours, 'nul\u0000', body)).toMatchObject(problem('TEXT_INVALID'));
  });
});

async function storeTexts(
  client: Client,
  namespace: string,
  texts: readonly string[],
): Promise<void> {
  const { stored } = await client.storeAll(texts.map((content) => ({ content, namespace })));
  expect(stored).toBe(texts.length);
}
