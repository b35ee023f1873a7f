import fc from 'fast-check';
import { decodeCursor, encodeCursor } from './cursor.js';
import { SomaError } from './soma-error.js';

describe(decodeCursor.name, () => {
  const anyValue = () => true;
  const question = { tenant: 'a', sort: 'created_at' };

  it('gives back where the page ended', () => {
    const value = fc.oneof(
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
    );
    fc.assert(
      fc.property(value, fc.uuid(), (sortValue, id) => {
        const cursor = encodeCursor({ value: sortValue, id }, question);
        expect(decodeCursor(cursor, question, anyValue)).toEqual({ value: sortValue, id });
      }),
    );
  });

  it('refuses a cursor of another tenant or of other parameters', () => {
    const cursor = encodeCursor({ value: 1, id: '019aa5a0-0000-7000-8000-000000000001' }, question);
    for (const other of [
      { ...question, tenant: 'b' },
      { ...question, sort: 'importance' },
    ]) {
      expect(() => decodeCursor(cursor, other, anyValue)).toThrow(SomaError);
    }
  });

  it('refuses a sort value that the question does not sort by', () => {
    const cursor = encodeCursor(
      { value: 'x', id: '019aa5a0-0000-7000-8000-000000000001' },
      question,
    );
    const isNumber = (value: string | number): boolean => typeof value === 'number';
    expect(() => decodeCursor(cursor, question, isNumber)).toThrow(SomaError);
  });

  it('refuses any other text with CURSOR_INVALID', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => decodeCursor(text, question, anyValue)).toThrow(
          expect.objectContaining({ code: 'CURSOR_INVALID' }),
        );
      }),
    );
  });
});
