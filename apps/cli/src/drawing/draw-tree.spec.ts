import fc from 'fast-check';
import { drawTree } from './draw-tree.js';
import { wrapped } from './svg-text.js';
import type { DrawnNode } from './tree-layout.js';

const START = Date.parse('2026-01-05T09:00:00Z');
const at = (minute: number): string => new Date(START + minute * 60_000).toISOString();
const leaf = (id: string, minute: number, parent: string | null, content = id): DrawnNode => ({
  memory: { id, tier: 0, content },
  from: at(minute),
  to: at(minute),
  episodes: 1,
  parent_id: parent,
});
const node = (id: string, tier: number, parent: string | null, content: string): DrawnNode => ({
  memory: { id, tier, content },
  from: at(0),
  to: at(5),
  episodes: 3,
  parent_id: parent,
});

const HOSTILE = [
  '</text></svg><script>alert(1)</script>',
  '"><image href="http://127.0.0.1/x"/>',
  ']]><!--<![CDATA[ &xxe; <!DOCTYPE svg>',
  "' onload='alert(1)",
  'a\u0000b\u001bc\ud800d\uffffe\u202ef\u2066g',
];

/** Names of elements and attributes, as a parser would read them: what is not escaped. */
const markup = (svg: string): string[] =>
  [...svg.matchAll(/<\/?([a-z]+)|\s([a-zA-Z-]+)="/g)].map(([, tag, name]) => tag ?? name ?? '');
const KNOWN = new Set(
  (
    'svg title rect g path text xmlns width height viewBox font-family font-size fill stroke d x y ' +
    'rx'
  ).split(' '),
);

describe(drawTree, () => {
  it('has a row for each tier, the highest on top, and time from left to right', () => {
    const svg = drawTree([
      node('root', 1, null, 'The launch moved to March.'),
      leaf('later', 5, 'root'),
      leaf('first', 0, 'root'),
      leaf('next day', 1_440, 'root'),
    ]);
    const placeOf = (id: string): [number, number] => {
      const [, x, y] =
        new RegExp(`: ${id}</title><rect x="([\\d.]+)" y="([\\d.]+)"`).exec(svg) ?? [];
      return [Number(x), Number(y)];
    };
    const [first, later, next] = [placeOf('first'), placeOf('later'), placeOf('next day')];
    expect(first[0]).toBeLessThan(later[0]);
    expect(later[0]).toBeLessThan(next[0]);
    expect(next[0] - later[0]).toBeGreaterThan(later[0] - first[0]);
    expect(first[1]).toBe(next[1]);
    expect(placeOf('The launch moved to March.')[1]).toBeLessThan(first[1]);
    expect(svg.match(/<path d="M[\d.]+ [\d.]+C/g)).toHaveLength(3);
    expect(svg).toContain('5 Jan, 09:00');
    expect(svg).toContain('6 Jan, 09:00');
  });

  it('shortens digests to their boxes', () => {
    const long = 'The launch of the copper kettle was moved to March. '.repeat(20);
    const svg = drawTree([
      node('root', 1, null, long),
      ...Array.from({ length: 6 }, (_, minute) => leaf(`leaf ${minute}`, minute, 'root')),
    ]);
    const lines = [...svg.matchAll(/<text x="68"[^>]*>([^<]*)</g)].map(([, line]) => line ?? '');
    expect(lines).toHaveLength(4);
    expect(lines.at(-1)).toMatch(/…$/);
    for (const line of lines) expect(line.length).toBeLessThan(26);
  });

  it.each(HOSTILE)('shows what a memory says and never reads it as markup: %j', (content) => {
    const svg = drawTree([node('root', 1, null, content), leaf('one', 0, 'root', content)]);
    for (const name of markup(svg)) expect(KNOWN).toContain(name);
    // eslint-disable-next-line no-control-regex -- control characters are what it looks for
    expect(svg).not.toMatch(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff\u202e\u2066]/);
    expect(svg.isWellFormed()).toBe(true);
    expect(svg.match(/<svg/g)).toHaveLength(1);
  });

  it('has the same markup whatever memories say', () => {
    const tags = (svg: string): string[] => svg.match(/<\/?[a-z]+/g) ?? [];
    const plain = tags(drawTree([leaf('one', 0, null, 'plain')]));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (content) => {
        expect(tags(drawTree([leaf('one', 0, null, content)]))).toEqual(plain);
      }),
    );
  });

  it('draws nothing of nothing', () => {
    expect(drawTree([])).toMatch(/^<svg [^]*<\/svg>\n$/);
  });
});

describe(wrapped, () => {
  it('has no line that is wider, and no more lines', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 2, max: 40 }),
        fc.integer({ min: 1, max: 4 }),
        (text, width, most) => {
          const lines = wrapped(text, width, most);
          expect(lines.length).toBeLessThanOrEqual(most);
          for (const line of lines) expect([...line].length).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  it('takes East Asian characters for twice as wide', () => {
    expect(wrapped('春眠不覚暁処処聞啼鳥', 9, 1)).toEqual(['春眠不覚…']);
  });
});
