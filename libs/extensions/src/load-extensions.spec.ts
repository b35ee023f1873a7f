import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertExtensions, loadExtensions } from './load-extensions.js';

describe(loadExtensions.name, () => {
  const folder = mkdtempSync(join(tmpdir(), 'soma-extensions-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let files = 0;
  const module = (text: string): string => {
    const path = join(folder, `module-${(files += 1)}.mjs`);
    writeFileSync(path, text);
    return path;
  };
  const of = (parts: string) => module(`export default { ${parts} };`);

  it('P37 loads modules in the order in which they are listed', async () => {
    const hooks = 'hooks: { beforeStore() {} }';
    const paths = [of(`name: 'one', api: 1, ${hooks}`), of(`name: 'two', api: 1, ${hooks}`)];
    expect((await loadExtensions(paths)).map(({ name }) => name)).toEqual(['one', 'two']);
  });

  it.each<[string, () => string, RegExp]>([
    ['is not there', () => join(folder, 'none.mjs'), /none\.mjs cannot be loaded/],
    ['throws', () => module('throw new Error("boom")'), /cannot be loaded: boom/],
    ['has no default export', () => module('export const a = 1;'), /is no extension: the default/],
    [
      'has a hook nobody knows',
      () => of("name: 'a', api: 1, hooks: { beforeRead() {} }"),
      /"beforeRead"; hooks are beforeStore, afterStore/,
    ],
    [
      'has a hook that is no function',
      () => of("name: 'a', api: 1, hooks: { beforeStore: 1 }"),
      /hooks\.beforeStore: must be a function/,
    ],
    ['has no hook', () => of("name: 'a', api: 1, hooks: {}"), /hooks: has none/],
    [
      'is of another version',
      () => of("name: 'a', api: 2, hooks: { beforeStore() {} }"),
      /api: must be 1/,
    ],
    [
      'has no good name',
      () => of("name: 'A b', api: 1, hooks: { beforeStore() {} }"),
      /name: must be small/,
    ],
  ])('P37 refuses a module that %s, and says which', async (_what, path, said) => {
    const at = path();
    await expect(loadExtensions([at])).rejects.toThrow(said);
    await expect(loadExtensions([at])).rejects.toThrow(`SOMA_EXTENSIONS: ${at}`);
  });

  it('P37 refuses two of one name', () => {
    const extension = { name: 'one', api: 1, hooks: { afterStore: () => {} } };
    expect(() => assertExtensions([extension, extension])).toThrow('Two extensions are called');
    expect(() => assertExtensions([extension, { ...extension, name: 'two' }])).not.toThrow();
  });
});
