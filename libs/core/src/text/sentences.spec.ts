import { splitSentences } from './sentences.js';

describe(splitSentences.name, () => {
  it('splits at ends of sentences and of lines, in any script', () => {
    expect(splitSentences('I was ill. Who came?\nAnd 3.5 km on!')).toEqual([
      'I was ill.',
      'Who came?',
      'And 3.5 km on!',
    ]);
    expect(splitSentences('誰が来た？雨だった。')).toEqual(['誰が来た？', '雨だった。']);
  });

  it('gives nothing for nothing, and at most 32 that lose no words', () => {
    expect(splitSentences(' \n ')).toEqual([]);
    const many = Array.from({ length: 100 }, (_, i) => `Word${i}.`);
    const parts = splitSentences(many.join(' '));
    expect(parts).toHaveLength(32);
    expect(parts.join(' ')).toBe(many.join(' '));
  });
});
