import fc from 'fast-check';
import { wordsOf } from '@soma/core';
import { FUNCTION_WORDS } from '@soma/embedding';
import { CITATION_STYLES, PACK_FORMATS, PACK_ORDERS, type PackItem } from './pack-item.js';
import { packMemories } from './pack-memories.js';
import { TokenCounter } from '../token-counter.js';

const REQUEST = {
  query: 'What does Ada drink?',
  maxTokens: 200,
  format: 'text',
  order: 'time',
  citations: 'markers',
  whole: false,
} as const;

const anItem = (id: string, content: string, given: Partial<PackItem> = {}): PackItem => ({
  id,
  content,
  speaker: undefined,
  score: 0.5,
  tier: 0,
  from: '2026-05-01T08:00:00.000Z',
  to: '2026-05-01T08:00:00.000Z',
  ...given,
});

const noKin = { ancestorsOf: () => [] };

const word = fc.constantFrom('Ada', 'tea', 'the', 'green', 'wow', '[2]', '茶', '\n', '1.', '<b>');
const sentence = fc
  .array(word, { minLength: 1, maxLength: 12 })
  .map((words) => `${words.join(' ')}.`);
const time = fc
  .integer({ min: 0, max: 700 })
  .map((day) => new Date(Date.UTC(2025, 0, 1 + day)).toISOString());
const item = fc.record({
  content: fc.oneof(
    fc.array(sentence, { maxLength: 8 }).map((all) => all.join(' ')),
    fc.string(),
  ),
  speaker: fc.option(fc.constantFrom('Ada', 'B\n[1]'), { nil: undefined }),
  score: fc.double({ min: 0, max: 1, noNaN: true }),
  tier: fc.nat(3),
  from: time,
  to: time,
});
const items = fc
  .array(item, { maxLength: 25 })
  .map((all) => all.map((given, at): PackItem => ({ ...given, id: `id${at}` })));
const request = fc.record({
  query: fc.constant('green tea'),
  maxTokens: fc.integer({ min: 1, max: 400 }),
  format: fc.constantFrom(...PACK_FORMATS),
  order: fc.constantFrom(...PACK_ORDERS),
  citations: fc.constantFrom(...CITATION_STYLES),
  whole: fc.boolean(),
});

describe(packMemories.name, () => {
  let count: (text: string) => number;

  beforeAll(async () => {
    count = await new TokenCounter().load();
  });

  const textOf = (given: readonly PackItem[], options: object = {}) =>
    packMemories(given, { ...REQUEST, ...options }, { count, ...noKin }).text;

  it('never has more tokens than it may, and counts those it has', () => {
    fc.assert(
      fc.property(items, request, (given, asked) => {
        const packed = packMemories(given, asked, { count, ...noKin });
        expect(packed.tokens).toBeLessThanOrEqual(asked.maxTokens);
        expect(packed.tokens).toBe(count(packed.text));
      }),
    );
  });

  it('keeps its budget by a tokenizer whose counts of lines do not add up', () => {
    const odd = (text: string): number => text.length + 7 * text.split('\n').length ** 2;
    fc.assert(
      fc.property(items, request, (given, asked) => {
        const maxTokens = asked.maxTokens * 5;
        const packed = packMemories(given, { ...asked, maxTokens }, { count: odd, ...noKin });
        expect(packed.tokens).toBeLessThanOrEqual(maxTokens);
      }),
    );
  });

  it('never has a memory beside one that it is part of', () => {
    const parents = fc.array(fc.option(fc.nat(24)), { minLength: 25, maxLength: 25 });
    fc.assert(
      fc.property(items, request, parents, (given, asked, above) => {
        const ancestorsOf = (id: string): Set<string> => {
          const found = new Set<string>();
          for (let at = Number(id.slice(2)); ;) {
            const parent = above[at];
            if (parent === undefined || parent === null || parent >= at) return found;
            found.add(`id${parent}`);
            at = parent;
          }
        };
        const { parts } = packMemories(given, asked, { count, ancestorsOf });
        const taken = new Set(parts.flatMap(({ ids }) => ids));
        for (const id of taken) {
          for (const ancestor of ancestorsOf(id)) expect(taken).not.toContain(ancestor);
        }
      }),
    );
  });

  it('writes each part as one line, which begins with what it cites', () => {
    fc.assert(
      fc.property(items, request, (given, asked) => {
        const { text, parts } = packMemories(
          given,
          { ...asked, format: 'text', citations: 'markers' },
          { count, ...noKin },
        );
        const cited = text.split('\n').filter((line) => line.startsWith('['));
        expect(cited).toHaveLength(parts.length);
        for (const [at, { cites, text: said }] of parts.entries()) {
          const marks = cites.map((cite) => `[${cite}]`).join('');
          expect(cited[at]?.startsWith(`${marks} `)).toBe(true);
          expect(cited[at]?.endsWith(said)).toBe(true);
          expect(cited[at]?.match(/\[\d+\]/g)).toHaveLength(cites.length);
        }
        const numbers = parts.flatMap(({ cites }) => cites);
        expect(numbers).toEqual(numbers.map((_, at) => String(at + 1)));
      }),
    );
  });

  it('gives the same text for the same memories', () => {
    fc.assert(
      fc.property(items, request, (given, asked) => {
        const once = packMemories(given, asked, { count, ...noKin });
        expect(packMemories(structuredClone(given), asked, { count, ...noKin })).toEqual(once);
      }),
    );
  });

  it('keeps three quarters of the words that carry meaning of a memory that fits', () => {
    const content = (text: string) => wordsOf(text).filter((word) => !FUNCTION_WORDS.has(word));
    fc.assert(
      fc.property(fc.array(sentence, { minLength: 1, maxLength: 8 }), (sentences) => {
        const said = sentences.join(' ');
        const others = [anItem('b', 'Ada', { score: 0.9 })];
        const { parts } = packMemories(
          [...others, anItem('a', said)],
          { ...REQUEST, maxTokens: 2 * count(said) + 60 },
          { count, ...noKin },
        );
        const part = parts.find(({ ids }) => ids.includes('a'));
        const [all, kept] = [new Set(content(said)), new Set(content(part?.text ?? ''))];
        if (all.size === 0) return;
        expect([...all].filter((one) => kept.has(one)).length / all.size).toBeGreaterThanOrEqual(
          0.75,
        );
      }),
    );
  });

  it('puts the days in order under their years', () => {
    const given = [
      anItem('c', 'Third.', { from: '2027-01-02T00:00:00Z', to: '2027-01-02T09:00:00Z' }),
      anItem('b', 'Second.', { from: '2026-12-30T00:00:00Z', to: '2027-01-01T00:00:00Z' }),
      anItem('a', 'First.'),
    ];
    expect(textOf(given)).toBe(
      '2026\n1 May\n[1] First.\n30 Dec to 1 Jan 2027\n[2] Second.\n2027\n2 Jan\n[3] Third.',
    );
  });

  it('puts the best first when asked to, each with its day', () => {
    const given = [anItem('a', 'Good.', { score: 0.4 }), anItem('b', 'Better.', { score: 0.6 })];
    expect(textOf(given, { order: 'relevance' })).toBe(
      '[1] 2026-05-01: Better.\n[2] 2026-05-01: Good.',
    );
  });

  it('leaves out what says least before it leaves out a memory, and nothing where there is room', () => {
    const content = 'Wow, so nice! Ada drinks green tea from Kyoto before sunrise on her balcony.';
    const given = [
      anItem('a', content),
      anItem('b', 'Ben sells coffee beans from Brazil and Peru in a shop.', { score: 0.3 }),
    ];
    const maxTokens = count(textOf(given)) - 1;
    expect(textOf(given)).toContain(content);
    expect(textOf(given, { maxTokens })).toContain('\n[1] Ada drinks green tea');
    expect(textOf(given, { maxTokens })).toContain('Ben sells coffee');
    expect(textOf(given, { maxTokens, whole: true })).not.toContain('Ben');
  });

  it('quotes of a memory that is too long what the query asks about', () => {
    const filler = 'Nothing of note happened that day in the village. '.repeat(200);
    const content = `${filler}Ada drinks tea from Kyoto. ${filler}`;
    const { text, parts } = packMemories([anItem('a', content)], REQUEST, { count, ...noKin });
    expect(parts).toMatchObject([{ ids: ['a'], trimmed: true }]);
    expect(text).not.toContain('Kyoto');
    const early = packMemories([anItem('a', content.slice(8_000))], REQUEST, { count, ...noKin });
    expect(early.text).toContain('… Ada drinks tea from Kyoto. …');
  });

  it('cites those that say the same on one line, up to four', () => {
    const given = Array.from({ length: 6 }, (_, at) => anItem(`id${at}`, 'Ada drinks tea.'));
    expect(textOf(given)).toBe('2026\n1 May\n[1][2][3][4] Ada drinks tea.');
  });

  it('names the speaker, once', () => {
    const speaker = 'Ben';
    expect(textOf([anItem('a', 'I like tea.', { speaker })])).toContain('[1] Ben: I like tea.');
    expect(textOf([anItem('a', 'Ben: I like tea.', { speaker })])).toContain(
      '[1] Ben: I like tea.',
    );
  });
});
