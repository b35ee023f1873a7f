import fc from 'fast-check';
import { isExactNumber } from './exact-number.js';

describe(isExactNumber.name, () => {
  it.each([
    '0',
    '1',
    '-1',
    '1.0',
    '1.50',
    '0.1',
    '1e3',
    '1E+2',
    '-2.5e-3',
    '9007199254740991',
    '1e21',
  ])('holds for %s', (text) => expect(isExactNumber(text)).toBe(true));

  it.each([
    '1e400',
    '-1e400',
    '9007199254740993',
    '-0',
    '-0.0',
    '1e-400',
    '0.12345678901234567890',
    '12345678901234567890',
  ])('does not hold for %s, which a double would change', (text) =>
    expect(isExactNumber(text)).toBe(false),
  );

  it('holds for every double as JavaScript writes it', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const written = String(value === 0 ? 0 : value);
        expect(isExactNumber(written)).toBe(true);
      }),
    );
  });

  it('holds for every double written to 17 digits', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-300, max: 1 }),
        (value) => {
          expect(isExactNumber(value.toExponential(16))).toBe(true);
        },
      ),
    );
  });

  it('holds for an integer text exactly when JavaScript writes it back unchanged', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 20n }), (integer) => {
        const text = String(integer);
        expect(isExactNumber(text)).toBe(String(Number(text)) === text);
      }),
    );
  });
});
