import { readHistory } from '../../examples/history.ts';
import { COLUMNS, wrapped } from '../../examples/terminal.ts';

describe('the example history', () => {
  const { namespace, memories, links } = readHistory();
  const coordinates = memories.map((memory) => memory.coord);

  it('has about forty memories, each at a coordinate of its own', () => {
    expect(memories.length).toBeGreaterThanOrEqual(40);
    expect(new Set(coordinates).size).toBe(memories.length);
    expect(memories.every((memory) => memory.namespace === namespace)).toBe(true);
  });

  it('links only memories it has, and never twice in the same way', () => {
    for (const link of links) {
      expect(coordinates).toContain(link.from_coord);
      expect(coordinates).toContain(link.to_coord);
    }
    const ways = links.map((link) => `${link.from_coord} ${link.link_type} ${link.to_coord}`);
    expect(new Set(ways).size).toBe(links.length);
  });

  it('is told in order of time', () => {
    const times = memories.map((memory) => Date.parse(memory.occurred_at ?? ''));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });
});

describe('wrapped', () => {
  it('keeps every word and fits the terminal', () => {
    const text = 'bread and cake '.repeat(30).trim();
    const lines = wrapped(text, 5).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(COLUMNS);
    expect(lines.map((line) => line.trim()).join(' ')).toBe(text);
  });
});
