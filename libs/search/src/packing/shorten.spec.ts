import { condensed, excerpt, stemsOf } from './shorten.js';

const NOTHING = new Set<string>();
const byWords = (text: string): number => text.split(' ').length;

describe(condensed.name, () => {
  it('drops the sentence that says least for its length', () => {
    const news = 'Ada bought a copper kettle in Kyoto yesterday.';
    expect(condensed(`Very nice! ${news}`, NOTHING)).toBe(news);
  });

  it('keeps a sentence with the words asked about before others', () => {
    const text = 'Ben sells coffee. Ada drinks tea. Cleo bakes bread. Dora paints bridges.';
    expect(condensed(text, stemsOf('Does Dora paint?'))).toContain('Dora');
    expect(condensed(text, stemsOf('Is there coffee?'))).toContain('coffee');
  });

  it('leaves a single sentence, and text in Chinese without spaces between, whole', () => {
    expect(condensed('Well well!', NOTHING)).toBe('Well well!');
    const chinese = '我们今天早上去了市场买绿茶。然后一起回家做饭。';
    expect(condensed(chinese, NOTHING)).toBe(chinese);
  });
});

describe(excerpt.name, () => {
  const text = 'One. Two tea here. Three. Four. Five tea again.';

  it('takes the sentences asked about, in their order, and marks what is missing', () => {
    expect(excerpt(text, stemsOf('tea'), 12, byWords)).toBe('… Two tea here. … Five tea again.');
  });

  it('is empty when no sentence fits', () => {
    expect(excerpt(text, stemsOf('tea'), 2, byWords)).toBe('');
  });

  it('cuts what has no sentences, in linear time', () => {
    const began = performance.now();
    for (const unit of ['a', 'tea ', '"', '. ', '。', '" ']) {
      const long = unit.repeat(8_000 / unit.length);
      expect(excerpt(long, stemsOf('tea'), 100, (part) => part.length / 4).length).toBeLessThan(
        500,
      );
      condensed(long.repeat(3), NOTHING);
    }
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
