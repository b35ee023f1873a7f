import { retryAfterMs } from './retry-after.js';

const NOW = new Date('2026-03-01T12:00:00Z');

describe(retryAfterMs, () => {
  it('reads seconds', () => {
    expect(retryAfterMs('3', NOW)).toBe(3_000);
    expect(retryAfterMs(' 0.5 ', NOW)).toBe(500);
  });

  it('reads an HTTP date', () => {
    expect(retryAfterMs('Sun, 01 Mar 2026 12:00:07 GMT', NOW)).toBe(7_000);
  });

  it.each([null, '', '-1', 'soon', '1e9', 'Sun, 01 Mar 2026 11:59:59 GMT'])(
    'has no answer for %j',
    (header) => {
      expect(retryAfterMs(header, NOW)).toBeUndefined();
    },
  );
});
