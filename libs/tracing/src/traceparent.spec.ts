import fc from 'fast-check';
import { parseTraceparent, traceparentOf } from './traceparent.js';

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'.split('')), {
      minLength: length,
      maxLength: length,
    })
    .map((digits) => digits.join(''))
    .filter((text) => /[^0]/.test(text));

describe('traceparent', () => {
  it('P16 is read as it was written, for every trace that is sampled', () => {
    fc.assert(
      fc.property(hex(32), hex(16), (traceId, spanId) => {
        const text = `00-${traceId}-${spanId}-01`;
        const context = parseTraceparent(text);
        expect(context).toMatchObject({ traceId, spanId, traceFlags: 1 });
        expect(context && traceparentOf(context)).toBe(text);
      }),
    );
  });

  it('P16 of a trace that is not sampled is not handed on', () => {
    const context = parseTraceparent(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`);
    expect(context).toMatchObject({ traceFlags: 0 });
    expect(context && traceparentOf(context)).toBeUndefined();
  });

  it('P16 knows the flag among others that may come', () => {
    const flags = ['01', '03', 'ff', '02', 'fe'].map((flag) =>
      parseTraceparent(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-${flag}`),
    );
    expect(flags.map((context) => context?.traceFlags)).toEqual([1, 1, 1, 0, 0]);
  });

  it.each([
    undefined,
    '',
    'x',
    `01-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`,
    `00-${'a'.repeat(32)}-${'0'.repeat(16)}-01`,
    `00-${'A'.repeat(32)}-${'b'.repeat(16)}-01`,
    `00-${'a'.repeat(31)}-${'b'.repeat(16)}-01`,
    `00-${'a'.repeat(32)}-${'b'.repeat(16)}-1`,
    `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01\n`,
    `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01', true); --`,
  ])('P16 is none: %j', (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });
});
