import { existsSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';

const PAGE = 'docs/security.md';
const ROWS = 30;

const page = readFileSync(PAGE, 'utf8');
const rows = page
  .split('\n')
  .filter((line) => /^\| *\d+ *\|/.test(line))
  .map((line) => {
    const [number = '', threat = '', guard = '', tests = ''] = line
      .slice(1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim());
    return { number: Number(number), threat, guard, tests };
  });

const named = [...page.matchAll(/\]\(([^)]+)\):\s“([^”]+)”/g)].map(
  ([, link = '', title = '']) =>
    [normalize(join('docs', link)), title.replaceAll('\n', ' ')] as const,
);

/** Texts at which a test or a group of tests may be named. */
const titlesIn = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => /\b(?:it|describe)\(|\]\)\(|^\s*['"`].*['"`],$/.test(line))
    .map((line) => line.replaceAll(/\\(['"`])/g, '$1'));

describe(PAGE, () => {
  it('has a row for every threat, in order', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: ROWS }, (_, n) => n + 1));
    for (const { threat, guard } of rows) expect([threat, guard]).not.toContain('');
  });

  it('names a test for every guard, or says that there is none yet', () => {
    const silent = rows.filter(
      ({ guard, tests }) => tests === '' && !guard.includes('**not built**'),
    );
    expect(silent).toEqual([]);
    expect(rows.filter(({ tests }) => tests !== '').length).toBeGreaterThan(20);
  });

  it.each(named)('%s: %s', (path, title) => {
    expect(existsSync(path)).toBe(true);
    expect(titlesIn(path).filter((line) => line.includes(title))).not.toEqual([]);
  });

  it('names guards that are there', () => {
    const files = rows.flatMap(({ guard }) =>
      [...guard.matchAll(/`((?:libs|apps)\/[^`]+)`/g)].map(([, path = '']) => path),
    );
    expect(files.length).toBeGreaterThan(15);
    expect(files.filter((path) => !existsSync(path))).toEqual([]);
  });
});
