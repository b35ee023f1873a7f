import fc from 'fast-check';
import { PASSAGE_CHARACTERS, passageFinder } from './passages.js';
import type { QueryTerm } from './ranking-input.js';

const termOf = (lexeme: string): QueryTerm => ({
  lexeme,
  frequency: 1,
  memories: 1,
  sessions: 1,
  sentences: [0],
});
const terms = ['kettl', 'happi', 'c++', '小明'].map(termOf);
const find = passageFinder(terms);
const filler = 'x '.repeat(PASSAGE_CHARACTERS);
const counts = (content: string): number[][] => find(content).map((passage) => Array.from(passage));

describe(passageFinder.name, () => {
  it('counts what stands close together, from each hit on', () => {
    expect(counts(`Kettles ${filler} a happy kettle`)).toEqual([
      [1, 0, 0, 0],
      [1, 1, 0, 0],
      [1, 0, 0, 0],
    ]);
  });

  it('matches lexemes at the beginning of words only, and signs as they are', () => {
    expect(counts('unhappy')).toEqual([]);
    expect(counts('she writes C++')).toEqual([[0, 0, 1, 0]]);
    expect(counts('昨天小明来了')).toEqual([[0, 0, 0, 1]]);
  });

  it('finds nothing without terms, and fails on no text', () => {
    expect(passageFinder([])('kettle')).toEqual([]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (lexeme, text) => {
        for (const passage of passageFinder([termOf(lexeme)])(text)) {
          expect(passage[0]).toBeGreaterThan(0);
        }
      }),
    );
  });
});
