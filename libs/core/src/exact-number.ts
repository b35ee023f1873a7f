const SHORT_INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;
const DECIMAL = /^(-?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const MAX_SIGNIFICANT_DIGITS = 17;

interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

/** Digits without leading or trailing zeros, and the power of ten of the last one. */
function parseDecimal(text: string): Decimal | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', power = '0'] = match;
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  const exponent = Number(power) - fraction.length + (all.length - digits.length);
  return { negative: sign === '-', digits, exponent: digits === '' ? 0 : exponent };
}

/**
 * Whether a decimal text survives being read as a double: integers exactly, fractions to the 17
 * significant digits that identify a double. False for `1e400`, `9007199254740993`, `-0` and
 * `0.12345678901234567890`.
 */
export function isExactNumber(text: string): boolean {
  if (SHORT_INTEGER.test(text)) return true;
  const value = Number(text);
  if (!Number.isFinite(value) || Object.is(value, -0)) return false;
  const given = parseDecimal(text);
  const read = parseDecimal(String(value));
  if (!given || !read) return false;
  if (given.digits === read.digits && given.exponent === read.exponent) return true;
  const isInteger = given.exponent >= 0;
  return !isInteger && value !== 0 && given.digits.length <= MAX_SIGNIFICANT_DIGITS;
}
