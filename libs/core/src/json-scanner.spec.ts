import fc from 'fast-check';
import { SomaError } from './soma-error.js';
import { MAX_JSON_DEPTH, scanJson } from './json-scanner.js';

const codeOf = (text: string): string => {
  try {
    scanJson(text);
  } catch (error) {
    if (error instanceof SomaError) return error.code;
    throw error;
  }
  return 'none';
};

describe(scanJson.name, () => {
  it('passes whatever JavaScript writes as JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value);
        const isForbidden = text.includes('__proto__') || text.includes('-0');
        fc.pre(!isForbidden);
        expect(codeOf(text)).toBe('none');
      }),
    );
  });

  it('takes any text without failing in another way', () => {
    fc.assert(fc.property(fc.string(), (text) => void codeOf(text)));
  });

  it('counts the depth, and not brackets inside strings', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(codeOf(nested(MAX_JSON_DEPTH))).toBe('none');
    expect(codeOf(nested(MAX_JSON_DEPTH + 1))).toBe('JSON_TOO_DEEP');
    expect(codeOf(nested(5_000))).toBe('JSON_TOO_DEEP');
    expect(codeOf(JSON.stringify('['.repeat(100)))).toBe('none');
  });

  it.each([
    '{"__proto__": 1}',
    '{"a": {"__proto__": {"polluted": true}}}',
    '{"\\u005f_proto__": 1}',
  ])('refuses the prototype key in %s', (text) => {
    expect(codeOf(text)).toBe('JSON_KEY_FORBIDDEN');
  });

  it('refuses a key given twice in one object, and not in two', () => {
    expect(codeOf('{"a": 1, "a": 2}')).toBe('JSON_KEY_FORBIDDEN');
    expect(codeOf('{"a": 1, "\\u0061": 2}')).toBe('JSON_KEY_FORBIDDEN');
    expect(codeOf('[{"a": 1}, {"a": {"a": 2}}]')).toBe('none');
  });

  it.each(['1e400', '9007199254740993', '-0', '[0.12345678901234567890]', '{"a": -1e999}'])(
    'refuses %s, which would be changed',
    (text) => expect(codeOf(text)).toBe('NUMBER_NOT_EXACT'),
  );

  it.each(['"9007199254740993"', '{"9007199254740993": 1}', '[1, -2.5, 1e3, 0.1]'])(
    'passes %s',
    (text) => expect(codeOf(text)).toBe('none'),
  );
});
