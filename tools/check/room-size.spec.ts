import { LIMITS, oversizeOf } from './room-size.ts';

const lines = (count: number): string => 'const a = 1;\n'.repeat(count);
const classOf = (dependencies: number): string =>
  `class House { constructor(${Array.from({ length: dependencies }, (_, i) => `private readonly d${i}: D`).join(', ')}) {} }\n`;

describe(oversizeOf, () => {
  it('takes a source file at the limit and refuses one line more', () => {
    expect(oversizeOf('libs/a/src/a.ts', lines(LIMITS.sourceLines))).toEqual([]);
    expect(oversizeOf('libs/a/src/a.ts', lines(LIMITS.sourceLines + 1))).toEqual([
      'libs/a/src/a.ts: 301 lines, at most 300',
    ]);
  });

  it('lets tests be longer, not endless', () => {
    expect(oversizeOf('libs/a/src/a.spec.ts', lines(LIMITS.testLines))).toEqual([]);
    expect(oversizeOf('test/e2e/a.ts', lines(LIMITS.testLines + 1))).toHaveLength(1);
  });

  it('refuses a class made of more than five others', () => {
    expect(oversizeOf('libs/a/src/a.ts', classOf(5))).toEqual([]);
    expect(oversizeOf('libs/a/src/a.ts', classOf(6))).toEqual([
      'libs/a/src/a.ts: House is made of 6 others, at most 5',
    ]);
  });
});
