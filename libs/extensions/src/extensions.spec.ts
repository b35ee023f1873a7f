import { Logger } from '@nestjs/common';
import { tenantId, TenantScope } from '@soma/core';
import type { Extension, Hooks } from './extension.js';
import { Extensions } from './extensions.js';
import { heeded } from './store-hooks.js';

const scope = TenantScope.of(tenantId('0198c1f0-0000-7000-8000-0000000000aa'), ['ours']);
const extension = (name: string, hooks: Hooks): Extension => ({ name, api: 1, hooks });

describe(Extensions.name, () => {
  const failures: string[] = [];
  const open = (...extensions: Extension[]) =>
    new Extensions(extensions, {
      timeoutMs: 50,
      onFailure: (name, hook) => failures.push(`${name} ${hook}`),
    });
  const apply = (_input: unknown, answer: unknown) => heeded(answer);
  const before = (sut: Extensions, input: unknown = {}) =>
    sut.before('beforeDelete', scope, input, apply);

  beforeAll(() => Logger.overrideLogger(false));
  beforeEach(() => failures.splice(0));

  it('P37 calls hooks in the order listed, each with what the one before it made', async () => {
    const seen: unknown[] = [];
    const hooks = (answer: unknown): Hooks => ({
      beforeDelete: (_scope, order) => {
        seen.push(order);
        return answer as undefined;
      },
    });
    const sut = open(extension('one', hooks({ n: 1 })), extension('two', hooks({ n: 2 })));
    expect(await before(sut, { n: 0 })).toEqual({ n: 2 });
    expect(seen).toEqual([{ n: 0 }, { n: 1 }]);
  });

  it('P37 leaves the input as it is when no hook says anything', async () => {
    const input = { n: 0 };
    expect(await before(open(extension('one', { beforeDelete: () => undefined })), input)).toBe(
      input,
    );
    expect(await before(open(extension('one', { afterStore: () => {} })), input)).toBe(input);
  });

  it('P37 refuses with the reason and the name of the extension', async () => {
    const sut = open(extension('strict', { beforeDelete: () => ({ refuse: 'Not on Sundays.' }) }));
    await expect(before(sut)).rejects.toMatchObject({
      code: 'EXTENSION_REFUSED',
      status: 422,
      message: 'Not on Sundays. (extension "strict")',
    });
    expect(failures).toEqual([]);
  });

  const throwing = (): never => {
    throw new Error('secret of a client');
  };
  it.each<[string, () => unknown]>([
    ['throws', throwing],
    ['rejects', () => Promise.reject(new Error('no'))],
    ['hangs', () => new Promise(() => {})],
    ['answers what is no JSON', () => ({ refuse: 1n })],
    ['answers a key that changes a prototype', () => JSON.parse('{"__proto__": {}}')],
    [
      'answers a getter that throws',
      () => Object.defineProperty({}, 'refuse', { get: throwing, enumerable: true }),
    ],
    ['answers a text that cannot be stored', () => ({ memory: '\0' })],
    ['answers a function', () => throwing],
  ])('P37 fails closed when a hook %s', async (_what, hook) => {
    const sut = open(extension('bad', { beforeDelete: hook as Hooks['beforeDelete'] }));
    const refused = before(sut);
    await expect(refused).rejects.toMatchObject({ code: 'EXTENSION_FAILED', status: 503 });
    await expect(refused).rejects.not.toThrow('secret');
    expect(failures).toEqual(['bad beforeDelete']);
  });

  it.each<[string, (scope: TenantScope, input: object) => void]>([
    ['the tenant', (given) => Object.assign(given, { tenantId: 'another' })],
    ['the namespaces', (given) => Object.assign(given.namespaces ?? {}, { 0: 'theirs' })],
    ['the trust of the writer', (given) => Object.assign(given.writer, { trust: 2 })],
    ['the input', (_scope, input) => Object.assign(input, { namespace: 'theirs' })],
    [
      'what is deep in the input',
      (_scope, input) => Object.assign(Object.values(input)[0], { a: 1 }),
    ],
  ])('P37 lets no hook change %s', async (_what, change) => {
    const input = { part: {} };
    const beforeDelete = (given: TenantScope, order: object) => {
      change(given, order);
      return undefined;
    };
    const sut = open(extension('bad', { beforeDelete }));
    await expect(before(sut, input)).rejects.toMatchObject({ code: 'EXTENSION_FAILED' });
    expect(input).toEqual({ part: {} });
    expect(scope).toMatchObject({
      tenantId: scope.tenantId,
      namespaces: ['ours'],
      writer: { trust: 1 },
    });
  });

  it('P37 goes on after a failed after-hook, with the one after it, and counts it', async () => {
    const told: unknown[] = [];
    const sut = open(
      extension('bad', { afterStore: throwing }),
      extension('slow', { afterStore: () => new Promise(() => {}) }),
      extension('good', { afterStore: (_scope, stored) => void told.push(stored) }),
    );
    sut.after('afterStore', scope, { memories: [] });
    expect(told).toEqual([]);
    await sut.onApplicationShutdown();
    expect(told).toEqual([{ memories: [] }]);
    expect(failures).toEqual(['bad afterStore', 'slow afterStore']);
  });

  it('P37 calls no more after-hooks than a thousand at once', async () => {
    let called = 0;
    const afterStore = () => new Promise<void>(() => (called += 1));
    const sut = open(extension('slow', { afterStore }));
    for (let n = 0; n < 1_001; n += 1) sut.after('afterStore', scope, {});
    expect(failures).toEqual(['slow afterStore']);
    await sut.onApplicationShutdown();
    expect(called).toBe(1_000);
  });

  it('P37 leaves a review out that fails, and takes the others', async () => {
    const sut = open(
      extension('bad', { afterRecall: throwing }),
      extension('good', { afterRecall: () => ({ keep: [] }) }),
    );
    expect(
      await sut.review('afterRecall', scope, {}, (_input, answer) => answer as object),
    ).toEqual({
      keep: [],
    });
    expect(failures).toEqual(['bad afterRecall']);
  });
});
