import { contentWords, covers } from './content-words.ts';
import { citedLines, coverage, flatContext } from './coverage.ts';

const memory = 'Ada bought ten green kettles in Kyoto, and she paid dearly.';

describe(covers.name, () => {
  it('asks for seven tenths of the words that carry content', () => {
    expect([...contentWords(memory)]).toHaveLength(8);
    expect(covers('[1] ada bought TEN green kettles in Kyoto', memory)).toBe(true);
    expect(covers('[1] Ada bought ten green kettles', memory)).toBe(false);
  });
});

describe(flatContext.name, () => {
  const hits = [
    { id: 'a', text: 'One two\nthree.' },
    { id: 'b', text: 'word '.repeat(100) },
    { id: 'c', text: 'Four.' },
  ];

  it('takes whole memories in their order, and passes over what does not fit', () => {
    expect([...flatContext(hits, 20)]).toEqual([
      ['a', '[1] One two three.'],
      ['c', '[2] Four.'],
    ]);
    expect(flatContext(hits, 3).size).toBe(0);
  });
});

describe(citedLines.name, () => {
  const documents = new Map([
    ['1', 'a'],
    ['2', 'b'],
  ]);

  it('reads citations at the start of lines only', () => {
    expect([...citedLines('2026\n1 May\n[1][2] Tea [7].', documents, 50)]).toEqual([
      ['a', '[1][2] Tea [7].'],
      ['b', '[1][2] Tea [7].'],
    ]);
  });

  it('refuses a text above the budget, and a citation of nothing', () => {
    expect(() => citedLines('[1] Tea and more tea', documents, 3)).toThrow('more than 3');
    expect(() => citedLines('[3] Tea', documents, 50)).toThrow('the citation 3');
  });
});

describe(coverage.name, () => {
  it('is the share of the evidence that its own line tells', () => {
    const lines = new Map([
      ['a', '[1] green tea'],
      ['b', '[2] nothing'],
    ]);
    const evidence = [
      { id: 'a', text: 'green tea' },
      { id: 'b', text: 'green tea' },
      { id: 'c', text: '' },
    ];
    expect(coverage(lines, evidence)).toBeCloseTo(1 / 3);
    expect(() => coverage(lines, [])).toThrow('without evidence');
  });
});
