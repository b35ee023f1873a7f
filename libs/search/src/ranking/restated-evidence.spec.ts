import { localTerms } from './local-terms.js';
import { memoryOf } from './ranking-input.fixture.js';
import { restatedEvidence } from './restated-evidence.js';
import { TextCache } from './text-cache.js';

/** Restatement of each [session, content], all of them read unless told. */
function restated(given: readonly [number, string][], read = [...given.keys()]): number[] {
  const memories = given.map(([session, content]) => memoryOf({ session, content }));
  const cache = new TextCache();
  const texts = memories.map(({ content }) => cache.read(content));
  return [...restatedEvidence(memories, localTerms(texts, read, cache))];
}

describe(restatedEvidence.name, () => {
  it('is 1 for what is later said again in full, 0 for the last word', () => {
    const again: [number, string][] = [
      [0, 'The boat leaves Tuesday'],
      [0, 'So: the boat leaves Tuesday at seven'],
    ];
    expect(restated(again)).toEqual([1, 0]);
    expect(restated(again, [1, 0])).toEqual([1, 0]);
  });

  it('is 0 for memories on one subject that say other things', () => {
    expect(
      restated([
        [0, 'boat leaves Tuesday'],
        [0, 'boat needs paint'],
      ]),
    ).toEqual([0, 0]);
  });

  it('does not look into another session, nor where there is none, nor past the hits', () => {
    const same = 'boat leaves Tuesday';
    expect(
      restated([
        [0, same],
        [1, same],
        [-1, same],
        [-1, same],
      ]),
    ).toEqual([0, 0, 0, 0]);
    expect(
      restated(
        [
          [0, same],
          [0, same],
        ],
        [0],
      ),
    ).toEqual([0, 0]);
  });
});
