import fc from 'fast-check';
import type { JsonObject } from '@soma/core';
import { contentOfPayload } from './content.js';
import { MAX_CONTENT_CHARACTERS } from './memory.schema.js';

describe(contentOfPayload.name, () => {
  it('takes the first usual text field', () => {
    expect(contentOfPayload({ n: 1, text: 'tea', title: 'no' })).toBe('tea');
    expect(contentOfPayload({ text: '  ', summary: 'tea' })).toBe('tea');
  });

  it('names every scalar when there is none', () => {
    expect(contentOfPayload({ a: { b: [1, 'x'] }, c: null, d: true })).toBe(
      'a.b: 1\na.b: x\nc: null\nd: true',
    );
  });

  it('gives well-formed text no longer than content may be, for any payload', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (payload) => {
        const content = contentOfPayload(payload as JsonObject);
        expect(content.length).toBeLessThanOrEqual(MAX_CONTENT_CHARACTERS);
        expect(content.isWellFormed()).toBe(true);
      }),
    );
  });
});
