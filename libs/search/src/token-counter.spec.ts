import fc from 'fast-check';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { type CountTokens, segments, TokenCounter } from './token-counter.js';

const MANY = 100_000;
const runs = fc
  .array(
    fc.tuple(fc.constantFrom('a', ' ', '中', '。', '😀', '\n', '1', 'e\u0301', '<|'), fc.nat(600)),
    { maxLength: 6 },
  )
  .map((parts) => parts.map(([unit, times]) => unit.repeat(times)).join(''));

describe(TokenCounter.name, () => {
  let count: CountTokens;

  beforeAll(async () => {
    count = await new TokenCounter().load();
  });

  it('counts as o200k_base does where no run is long', () => {
    expect(count('Ada prefers tea.')).toBe(4);
    expect(count('')).toBe(0);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        expect(count(text)).toBe(countTokens(text, { disallowedSpecial: new Set() }));
      }),
    );
  });

  it('counts what looks like a special token as the text it is', () => {
    for (const text of ['<|endoftext|>', '<|endofprompt|>', '<|im_start|>']) {
      expect(count(text)).toBeGreaterThan(1);
      expect(count(`a ${text} b`)).toBeGreaterThan(3);
    }
  });

  it('counts unbroken text of any script in linear time', () => {
    const began = performance.now();
    for (const unit of ['a', ' ', '-', '中', '😀', 'ก', '\n']) {
      const text = unit.repeat(MANY);
      const tokens = count(text);
      expect(tokens).toBeGreaterThan(0);
      expect(tokens).toBeLessThanOrEqual(3 * text.length);
    }
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('counts prose without spaces exactly, as it is cut at its punctuation only', () => {
    const prose = '我们今天早上去了市场,然后回家做饭。'.repeat(100);
    expect(segments(prose).length).toBeGreaterThan(1);
    expect(count(prose)).toBe(countTokens(prose));
  });

  it('loads the vocabulary once', async () => {
    const counter = new TokenCounter();
    expect(await counter.load()).toBe(await counter.load());
  });
});

describe(segments.name, () => {
  it('gives the whole text back, without a run longer than two cuts', () => {
    fc.assert(
      fc.property(runs, (text) => {
        const found = segments(text);
        expect(found.join('')).toBe(text);
        for (const segment of found) expect(segment).not.toMatch(/[^\s\p{N}]{129}|\s{129}/u);
      }),
    );
  });
});
