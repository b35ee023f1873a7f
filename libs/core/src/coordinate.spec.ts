import fc from 'fast-check';
import { coordinateOf, parseCoordinate } from './coordinate.js';
import { SomaError } from './soma-error.js';

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof SomaError) return error.code;
    throw error;
  }
  return 'none';
};

describe(parseCoordinate.name, () => {
  it('writes equal vectors alike', () => {
    const texts = ['1.0, 2.00 ,-0', '1,2,0', '+1,2e0,-0.0', '01,2.,.0'];
    expect(new Set(texts.map((text) => parseCoordinate(text).text))).toEqual(new Set(['1,2,0']));
  });

  it('reads back what it wrote', () => {
    const component = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(component, { minLength: 1, maxLength: 20 }), (values) => {
        const { text } = coordinateOf(values);
        expect(parseCoordinate(text).text).toBe(text);
      }),
    );
  });

  it('refuses anything else with its own code, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(['none', 'COORDINATE_INVALID']).toContain(codeOf(() => parseCoordinate(text)));
      }),
    );
  });

  it.each([
    ['', 'nothing'],
    ['1,,2', 'a gap'],
    ['NaN', 'NaN'],
    ['Infinity', 'infinity'],
    ['1e400', 'a number beyond a double'],
    ['0x10', 'hexadecimal'],
    ['1,2;3', 'another separator'],
    [Array(65).fill('1').join(','), '65 numbers'],
    ['1'.repeat(513), '513 bytes'],
    ['9007199254740993', 'an integer that a double changes'],
    ['１', 'a digit that is not ASCII'],
  ])('refuses %j: %s', (text) => {
    expect(codeOf(() => parseCoordinate(text))).toBe('COORDINATE_INVALID');
  });
});

describe(coordinateOf.name, () => {
  it.each([[[]], [[Number.NaN]], [[Number.POSITIVE_INFINITY]], [Array<number>(65).fill(1)]])(
    'refuses %p',
    (values) => expect(codeOf(() => coordinateOf(values))).toBe('COORDINATE_INVALID'),
  );
});
