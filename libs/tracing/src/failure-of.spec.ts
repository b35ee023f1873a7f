import { SomaError } from '@soma/core';
import { failureOf } from './failure-of.js';

describe(failureOf, () => {
  it('P16 says the code of an error, else its class, and never its message', () => {
    const secret = 'a text of a client';
    expect(failureOf(new SomaError('MEMORY_NOT_FOUND', secret))).toBe('MEMORY_NOT_FOUND');
    expect(failureOf(new TypeError(secret))).toBe('TypeError');
    expect(failureOf(Object.assign(new Error(secret), { code: 'ECONNREFUSED' }))).toBe(
      'ECONNREFUSED',
    );
    expect(failureOf(Object.assign(new Error(secret), { code: secret }))).toBe('Error');
    expect(failureOf(Object.assign(new Error(secret), { name: secret }))).toBe('_OTHER');
    expect(failureOf(secret)).toBe('_OTHER');
  });
});
