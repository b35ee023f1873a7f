import { gzipSync } from 'node:zlib';
import type { ErrorCode } from '@soma/core';
import { problem, type RequestOptions } from './http.js';
import { type Client, type Service, startService } from './service.js';

const MEBIBYTE = 1024 * 1024;
const WRITES = [
  ['POST', '/memories'],
  ['PATCH', '/memories/1'],
  ['POST', '/memories/bulk'],
  ['POST', '/memories/delete'],
  ['POST', '/memories/search'],
  ['POST', '/graph/link'],
  ['DELETE', '/graph/link'],
] as const;

describe('hostile bodies', () => {
  let service: Service;
  let ours: Client;
  let before: unknown;

  beforeAll(async () => {
    service = await startService();
    ours = await service.tenant();
    await ours.storeAll([
      { coord: '1', content: 'kept', payload: { a: 1 } },
      { coord: '2', content: 'kept too' },
    ]);
    await ours.link('1', '2');
    before = await state();
  });
  afterAll(() => service.close());
  afterEach(async () => expect(await state()).toEqual(before));

  const state = async () => [await ours.settledStats(), (await ours.list()).memories];
  const send = (method: string, path: string, options: RequestOptions) =>
    service.request(method, path, { token: ours.token, ...options });
  const store = (raw: string | Uint8Array<ArrayBuffer>, headers?: Record<string, string>) =>
    send('POST', '/memories', { raw, headers });
  const refuses = async (raw: string, code: ErrorCode) =>
    expect({ raw: raw.slice(0, 80), ...(await store(raw)) }).toMatchObject({
      raw: raw.slice(0, 80),
      ...problem(code),
    });

  describe('that would be changed in silence', () => {
    it.each([
      '1e400',
      '-1e400',
      '9007199254740993',
      '-0',
      '-0.0',
      '1e-400',
      '0.1234567890123456789',
    ])('refuses the number %s wherever it stands', async (number) => {
      for (const raw of [
        `{"content":"x","payload":{"n":${number}}}`,
        `{"content":"x","metadata":{"deep":[[{"n":${number}}]]}}`,
        `{"content":"x","importance":${number}}`,
        `{"n":${number}}`,
      ]) {
        await refuses(raw, 'NUMBER_NOT_EXACT');
      }
      for (const [method, path] of WRITES) {
        expect(await send(method, path, { raw: `{"filter":{"tier":${number}}}` })).toMatchObject(
          problem('NUMBER_NOT_EXACT'),
        );
      }
    });

    it.each(['NaN', 'Infinity', '-Infinity', '0x10', '01', '.5', '1.', '+1', 'undefined', "'x'"])(
      'refuses %s, which is no JSON',
      (value) => refuses(`{"content":"x","payload":{"n":${value}}}`, 'JSON_INVALID'),
    );

    it.each([
      ['in content', '{"content":"a\\u0000b"}'],
      ['in a payload value', '{"content":"x","payload":{"a":["\\ud800"]}}'],
      ['in a payload key', '{"content":"x","payload":{"\\udc00":1}}'],
      ['in a payload key, as NUL', '{"content":"x","payload":{"a\\u0000":1}}'],
      ['in a metadata value', '{"content":"x","metadata":{"a":"\\u0000"}}'],
      ['in a metadata key', '{"content":"x","metadata":{"\\ud83d":1}}'],
      ['in a tag', '{"content":"x","tags":["\\ude00\\ud83d"]}'],
      ['in a namespace', '{"content":"x","namespace":"\\u0000"}'],
      ['in a coordinate', '{"content":"x","coord":"1\\u0000"}'],
      ['in a session', '{"content":"x","session_id":"\\ud800x"}'],
      ['in a speaker', '{"content":"x","speaker":"\\u0000"}'],
      ['in a link', '{"content":"x","links":[{"to_coord":"1","link_type":"\\u0000"}]}'],
      [
        "in a link's metadata",
        '{"content":"x","links":[{"to_coord":"1","metadata":{"\\ud800":1}}]}',
      ],
      ['in an unknown key', '{"\\u0000":1}'],
    ])('refuses NUL and half of a surrogate pair %s', (_, raw) => refuses(raw, 'TEXT_INVALID'));

    it('refuses NUL and half of a surrogate pair on every route', async () => {
      const bodies = [
        '{"content":"\\u0000"}',
        '{"query":"\\ud800"}',
        '{"query":"x","namespace":"\\u0000"}',
        '{"filter":{"metadata.a":"\\u0000"}}',
        '{"filter":{"metadata.\\ud800":1}}',
        '{"filter":{"tags":{"in":["\\udfff"]}}}',
        '{"memories":[{"content":"fine"},{"content":"\\u0000"}]}',
        '{"from_coord":"1","to_coord":"2","link_type":"\\u0000"}',
        '{"from_coord":"1","to_coord":"2","metadata":{"a":"\\ud800"}}',
      ];
      for (const [method, path] of WRITES) {
        for (const raw of bodies) {
          expect(await send(method, path, { raw })).toMatchObject(problem('TEXT_INVALID'));
        }
      }
      const admin = `/admin/tenants/${ours.tenantId}/tokens`;
      const raw = '{"name":"\\u0000","scopes":["admin"]}';
      expect(await send('POST', admin, { raw })).toMatchObject(problem('TEXT_INVALID'));
    });

    it('refuses a key given twice', async () => {
      await refuses('{"content":"a","content":"b"}', 'JSON_KEY_FORBIDDEN');
      await refuses('{"content":"a","payload":{"k":1,"\\u006b":2}}', 'JSON_KEY_FORBIDDEN');
      await refuses(
        '{"content":"a","payload":[{"x":{"constructor":1,"constructor":2}}]}',
        'JSON_KEY_FORBIDDEN',
      );
    });
  });

  describe('that would reach a prototype', () => {
    it.each([
      '{"content":"x","__proto__":{"polluted":1}}',
      '{"content":"x","payload":{"__proto__":{"polluted":1}}}',
      '{"content":"x","payload":{"\\u005f_proto__":{"polluted":1}}}',
      '{"content":"x","metadata":{"a":[{"__proto__":null}]}}',
      '{"content":"x","payload":{"constructor":{"prototype":{"polluted":1}}}}',
      '{"__proto__":[]}',
    ])('refuses %s', async (raw) => {
      await refuses(raw, 'JSON_KEY_FORBIDDEN');
      expect('polluted' in {}).toBe(false);
    });

    it('refuses names of an object as unknown keys', async () => {
      for (const key of ['constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf']) {
        await refuses(`{"content":"x","${key}":1}`, 'VALIDATION_FAILED');
      }
    });
  });

  describe('of a hostile shape', () => {
    it('refuses more than 32 levels, however many there are', async () => {
      const nested = (levels: number) =>
        `{"content":"x","payload":{"a":${'['.repeat(levels - 2)}1${']'.repeat(levels - 2)}}}`;
      for (const levels of [33, 100, 5_000, 200_000])
        await refuses(nested(levels), 'JSON_TOO_DEEP');
      await refuses('['.repeat(100_000), 'JSON_TOO_DEEP');
      await refuses('{"a":'.repeat(100_000), 'JSON_TOO_DEEP');
    });

    it.each(['[]', '[{"content":"x"}]', '"text"', '1', 'null', 'true', ''])(
      'refuses %s, which is no object, on every route',
      async (raw) => {
        for (const [method, path] of WRITES) {
          expect(await send(method, path, { raw })).toMatchObject(problem('VALIDATION_FAILED'));
        }
      },
    );

    it.each([
      '{',
      '{"a"}',
      '{"content":"x"}}',
      '{"content":"x"} {}',
      '{content:"x"}',
      '\u0000',
      '{"a":1,}',
    ])('refuses %j, which is not well-formed', (raw) => refuses(raw, 'JSON_INVALID'));

    it('refuses unknown keys and values of other types', async () => {
      for (const body of [
        { id: '01890000-0000-7000-8000-000000000000' },
        { tenant_id: ours.tenantId },
        { version: 7 },
        { tier: 3 },
        { created_at: '2026-01-01T00:00:00Z' },
        { access_count: 1 },
        { content: 1 },
        { content: 'x'.repeat(100_001) },
        { payload: 'text' },
        { payload: [1] },
        { payload: null },
        { metadata: [] },
        { tags: 'one' },
        { tags: [1] },
        { tags: [''] },
        { tags: ['x'.repeat(101)] },
        { tags: Array.from({ length: 65 }, (_, n) => `${n}`) },
        { importance: '0.5' },
        { pinned: 'yes' },
        { memory_type: 'dream' },
        { namespace: '' },
        { namespace: 'x'.repeat(201) },
        { coord: 1 },
        { coord: [1, 2] },
        { coord: '' },
        { coord: '1'.repeat(513) },
        { expires_at: 1 },
        { links: {} },
        { links: [{ to_coord: '1', from_coord: '2' }] },
        { links: Array.from({ length: 101 }, () => ({ to_coord: '1' })) },
      ]) {
        const given = { content: 'x', ...body };
        expect({ given, ...(await ours.post('/memories', given)) }).toMatchObject({
          given,
          ...problem('VALIDATION_FAILED'),
        });
      }
    });

    it('answers huge lists and many keys with a short problem', async () => {
      const many = '1,'.repeat(300_000);
      const keys = Array.from({ length: 60_000 }, (_, n) => `"k${n}":0`).join(',');
      for (const raw of [
        `{"memories":[${many}1]}`,
        `{"ids":[${many}1]}`,
        `{"query":"x","filter":{"tags":{"in":[${many}1]}}}`,
        `{"content":"x","tags":[${many}1]}`,
        `{${keys}}`,
      ]) {
        for (const path of [
          '/memories/bulk',
          '/memories/delete',
          '/memories/search',
          '/memories',
        ]) {
          const { status, body } = await send('POST', path, { raw });
          expect(status).toBe(400);
          expect(JSON.stringify(body).length).toBeLessThan(16_000);
        }
      }
    });
  });

  describe('of a hostile encoding', () => {
    it('refuses more than 1 MiB, also where only its inflated form is', async () => {
      const large = `{"content":"${'x'.repeat(2 * MEBIBYTE)}"}`;
      expect(await store(large)).toMatchObject(problem('BODY_TOO_LARGE'));
      for (const path of ['/memories/bulk', '/memories/search', '/graph/link']) {
        expect(await send('POST', path, { raw: large })).toMatchObject(problem('BODY_TOO_LARGE'));
      }
      const gzip = { 'content-encoding': 'gzip' };
      const bomb = new Uint8Array(gzipSync(Buffer.alloc(400 * MEBIBYTE)));
      expect(bomb.length).toBeLessThan(MEBIBYTE);
      const resident = process.memoryUsage().rss;
      expect(await store(bomb, gzip)).toMatchObject(problem('BODY_TOO_LARGE'));
      // The tests are in the same process, so that a good deal of it may be theirs.
      expect(process.memoryUsage().rss - resident).toBeLessThan(200 * MEBIBYTE);
    });

    it('refuses a body that cannot be inflated or is compressed in another way', async () => {
      const whole = new Uint8Array(gzipSync('{"content":"compressed, compressed, compressed"}'));
      const gzip = { 'content-encoding': 'gzip' };
      expect(await store(whole.slice(0, 25), gzip)).toMatchObject(problem('VALIDATION_FAILED'));
      expect(await store('{"content":"plain"}', gzip)).toMatchObject(problem('VALIDATION_FAILED'));
      for (const encoding of ['compress', 'gzip, gzip', 'x']) {
        expect(await store('{"content":"x"}', { 'content-encoding': encoding })).toMatchObject(
          problem('MEDIA_TYPE_UNSUPPORTED'),
        );
      }
    });

    it.each([
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/jsonx',
      'json',
    ])('refuses %s', async (type) => {
      for (const [method, path] of WRITES) {
        const options = { raw: '{"content":"x"}', headers: { 'content-type': type } };
        expect(await send(method, path, options)).toMatchObject(problem('MEDIA_TYPE_UNSUPPORTED'));
      }
    });

    it('refuses bytes that are not UTF-8', async () => {
      const around = (bytes: number[]) =>
        new Uint8Array([...Buffer.from('{"content":"'), ...bytes, ...Buffer.from('"}')]);
      for (const bytes of [
        [0xff],
        [0xc3],
        [0xed, 0xa0, 0x80],
        [0xc0, 0x80],
        [0xf4, 0x90, 0x80, 0x80],
      ]) {
        expect(await store(around(bytes))).toMatchObject(problem('JSON_INVALID'));
      }
      const utf16 = new Uint8Array(Buffer.from('{"content":"x"}', 'utf16le'));
      expect(await store(utf16)).toMatchObject(problem('TEXT_INVALID'));
    });
  });
});

describe('odd bodies that are allowed', () => {
  let service: Service;
  let ours: Client;

  beforeAll(async () => {
    service = await startService();
    ours = await service.tenant();
  });
  afterAll(() => service.close());

  it.each([
    ['names of an object', { constructor: null, prototype: [1], toString: 'x', hasOwnProperty: 0 }],
    ['a nested constructor', { a: { constructor: { name: 'x' } }, valueOf: {} }],
    ['empty keys', { '': { '': '' } }],
    ['32 levels', JSON.parse(`${'{"a":'.repeat(30)}1${'}'.repeat(30)}`) as object],
    ['the largest exact numbers', { a: 9007199254740991, b: 1.7976931348623157e308, c: 5e-324 }],
    ['control characters', { a: '\u0001\u001f\u007f\u0085\ufeff\uffff' }],
  ])('gives back a payload with %s as it was stored', async (_, payload) => {
    const stored = await ours.store({ content: 'odd', payload, metadata: payload });
    expect(await ours.read(stored.id)).toMatchObject({ payload, metadata: payload });
    expect(Object.keys(stored.payload).sort()).toEqual(Object.keys(payload).sort());
  });

  it('takes a compressed body, a BOM, and a type with parameters', async () => {
    const send = (raw: Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
      service.request('POST', '/memories', { token: ours.token, raw, headers });
    const text = '{"content":"kept whole"}';
    for (const [raw, headers] of [
      [new Uint8Array(gzipSync(text)), { 'content-encoding': 'gzip' }],
      [new Uint8Array(Buffer.from(`\ufeff${text}`)), {}],
      [new Uint8Array(Buffer.from(text)), { 'content-type': 'Application/JSON; charset=utf-8' }],
    ] as const) {
      expect(await send(raw, headers)).toMatchObject({
        status: 201,
        body: { content: 'kept whole' },
      });
    }
  });
});
