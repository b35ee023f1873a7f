import { hashEnd, hashOn, hashStart } from './feature-hash.js';

describe('feature hash', () => {
  it('reads code units as the published FNV-1a reads their bytes', () => {
    const fooba = hashOn(hashStart(0x66), '\u6f6f\u6162');

    expect(hashStart(0x61) >>> 0).toBe(0xe40c292c);
    expect(fooba >>> 0).toBe(0x39aaa18a);
  });

  it('finishes as the published MurmurHash3 does', () => {
    expect(hashEnd(0)).toBe(0);
    expect(hashEnd(1)).toBe(0x514e28b7);
  });

  it('hashes a part of a text as that part alone', () => {
    expect(hashOn(hashStart(1), 'unhappy', 2, 5)).toBe(hashOn(hashStart(1), 'hap'));
  });

  it('gives the same word in two families different hashes', () => {
    expect(hashOn(hashStart(1), 'river')).not.toBe(hashOn(hashStart(2), 'river'));
  });
});
