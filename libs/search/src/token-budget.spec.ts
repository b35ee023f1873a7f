import fc from 'fast-check';
import { withinTokens } from './token-budget.js';

const characters = (text: string): number => text.length;
const texts = fc.array(fc.string({ maxLength: 20 }), { maxLength: 10 });

describe(withinTokens.name, () => {
  it('keeps as many from the first as fit, and not one more', () => {
    fc.assert(
      fc.property(texts, fc.nat(100), (given, most) => {
        const { fitting, tokens } = withinTokens(given, most, characters);
        expect(tokens).toBe(given.slice(0, fitting).join('').length);
        expect(tokens).toBeLessThanOrEqual(most);
        const next = given[fitting];
        expect(next === undefined || tokens + next.length > most).toBe(true);
      }),
    );
  });

  it('ends at the first that does not fit, though a later one would', () => {
    expect(withinTokens(['12', '12345', '1'], 4, characters)).toEqual({ fitting: 1, tokens: 2 });
  });

  it('does not count what comes after that', () => {
    const counted: string[] = [];
    withinTokens(['1', '123', '1'], 2, (text) => counted.push(text) && text.length);
    expect(counted).toEqual(['1', '123']);
  });
});
