import fc from 'fast-check';
import { centroid } from './centroid.js';
import { COHESION, type DuplicateCandidate, likeness, nearDuplicates } from './near-duplicates.js';

const memory = (id: string, content: string, ...vector: number[]): DuplicateCandidate => ({
  id,
  content,
  vector: centroid([Float32Array.from(vector)], [1]),
  createdAt: 0,
});

/** Another word for each number, without a digit. */
const letters = (number: number): string =>
  String.fromCharCode(...[...`w${number}`].map((c) => c.charCodeAt(0) + 60));

describe('near-duplicates', () => {
  it('are those that say the same in nearly the same words', () => {
    const found = nearDuplicates([
      memory('a', 'The user likes green tea', 1, 0),
      memory('b', 'the user likes green tea!', 1, 0.01),
      memory('c', 'The user dislikes coffee', 0, 1),
    ]);
    expect(found).toEqual([['a', 'b']]);
  });

  it('are not those whose numbers differ', () => {
    const found = nearDuplicates([
      memory('a', 'The meeting is at 5', 1, 0),
      memory('b', 'The meeting is at 6', 1, 0),
    ]);
    expect(found).toEqual([]);
  });

  it('never join the ends of a chain whose ends are unlike', () => {
    const at = (degrees: number) => [
      Math.cos((degrees * Math.PI) / 180),
      Math.sin((degrees * Math.PI) / 180),
    ];
    const found = nearDuplicates([
      memory('a', 'nearly the very same words', ...at(0)),
      memory('b', 'nearly the very same few words', ...at(20)),
      memory('c', 'nearly the same words', ...at(40)),
    ]);
    expect(found).toEqual([['a', 'b']]);
  });

  it('never join what stands together already with what one of it is unlike', () => {
    const given = [
      memory('a', 'nearly the very same words', 1, 0),
      memory('b', 'nearly the very same few words', 0.95, 0.31),
      memory('c', 'nearly the same words', 0.8, 0.6),
    ];
    expect(nearDuplicates(given, COHESION, [['a', 'c']])).toEqual([['a', 'c']]);
    expect(nearDuplicates(given, COHESION, [['b', 'c']])).toEqual([['b', 'c']]);
    expect(nearDuplicates(given.slice(0, 2), COHESION, [['a'], ['b']])).toEqual([['a', 'b']]);
  });

  it('are the same texts but for case and spaces, whatever their vectors', () => {
    const found = nearDuplicates([
      memory('a', 'The  user LIKES tea', 1, 0),
      memory('b', 'the user likes tea', 0, 1),
    ]);
    expect(found).toEqual([['a', 'b']]);
  });

  it.each([
    ['a sign', 'The balance in the account is 5', 'The balance in the account is -5'],
    ['a point', 'The tax that we all pay here is 1.5', 'The tax that we all pay here is 15'],
    ['a negation', 'The user does like very green tea', 'The user does not like very green tea'],
    ['who does it', 'Anna owes money to Ben now', 'Ben owes money to Anna now'],
    ['a name', 'Anna likes to have tea at home', 'Berta likes to have tea at home'],
  ])('are not those that differ in %s', (_what, left, right) => {
    const [a, b] = [memory('a', left, 1, 0), memory('b', right, 1, 0)];
    expect(likeness(a, b)).toEqual({ cosine: 1, words: expect.any(Number) });
    expect(likeness(a, b).words).toBeGreaterThan(COHESION.minWords);
    expect(nearDuplicates([a, b])).toEqual([]);
  });

  it('all pass the test with each other, and come out the same in any order', () => {
    const candidates = fc.array(
      fc.record({ angle: fc.integer({ min: 0, max: 90 }), words: fc.subarray(['x', 'y', 'z']) }),
      { maxLength: 25 },
    );
    fc.assert(
      fc.property(candidates, (rows) => {
        const given = rows.map(({ angle, words }, at) =>
          memory(
            `m${at}`,
            [...words, 'and a few words more', letters(at)].join(' '),
            Math.cos(angle / 57.3),
            Math.sin(angle / 57.3),
          ),
        );
        const clusters = nearDuplicates(given);
        expect(nearDuplicates([...given].reverse())).toEqual(clusters);
        const angles = new Map(rows.map(({ angle }, at) => [`m${at}`, angle]));
        for (const cluster of clusters) {
          const of = cluster.map((id) => angles.get(id) ?? 0);
          expect(Math.cos((Math.max(...of) - Math.min(...of)) / 57.3)).toBeGreaterThan(0.919);
        }
      }),
    );
  });
});
