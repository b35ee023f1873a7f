import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';

interface Alert {
  readonly alert: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
}

const FOLDER = 'docs/runbooks';
const { groups } = parse(readFileSync('helm/soma-fractal-memory/files/alerts.yaml', 'utf8')) as {
  readonly groups: readonly { readonly rules: readonly Alert[] }[];
};
const alerts = groups.flatMap(({ rules }) => rules);
const pages = readdirSync(FOLDER).filter((name) => name !== 'README.md');
const textOf = (page: string): string => readFileSync(join(FOLDER, page), 'utf8');
/** The faults that `npm run test:alerts` makes, with the alerts that are to ring. */
const faults = ['servers-away', 'sick-inside'].map((name) =>
  readFileSync(`test/alerts/${name}.ts`, 'utf8'),
);
const commands = readFileSync('docs/cli.md', 'utf8').match(/^### soma .+$/gm) ?? [];

describe('runbooks', () => {
  it('are one for each alert, and none is without one', () => {
    const linked = alerts.map(({ annotations }) => annotations.runbook_url);
    expect(linked.toSorted()).toEqual(pages.map((page) => `RUNBOOKS/${page}`).toSorted());
    expect(alerts.length).toBeGreaterThan(10);
  });

  it.each(alerts)('$alert has a severity, a sentence and a page of its name', (alert) => {
    expect(['critical', 'warning']).toContain(alert.labels.severity);
    expect(alert.annotations.summary).toMatch(/^\S.{20,}/);
    const page = alert.annotations.runbook_url.replace('RUNBOOKS/', '');
    expect(textOf(page)).toMatch(new RegExp(`^# ${alert.alert}\n\n\\S`));
  });

  it.each(pages)('%s says how to see it, what to do and when it is over', (page) => {
    const sections = textOf(page).split(/^## (.+)\n\n(?=\S)/m);
    const titles = sections.filter((_, index) => index % 2 === 1);
    expect(titles).toEqual(['How to see it', 'What to do', 'It is over when']);
  });

  it.each(alerts)('$alert has a page that says how it was tried', ({ alert, annotations }) => {
    const isTried = faults.some((text) => text.includes(`'${alert}'`));
    const said = isTried ? 'Tried (`npm run test:alerts`' : 'Tried by promtool alone';
    expect(textOf(annotations.runbook_url.replace('RUNBOOKS/', ''))).toContain(`\n\n${said}`);
  });

  it.each(pages)('%s names only pages and commands that there are', (page) => {
    const text = textOf(page);
    const links = [...text.matchAll(/\]\(([^)#]+)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(join(dirname(join(FOLDER, page)), link)))).toEqual(
      [],
    );
    const named = [...text.matchAll(/(?<!namespace )\bsoma ((?:[a-z]+ ?)+)/g)].map(
      ([, words = '']) => words.trim(),
    );
    const known = (words: string): boolean =>
      commands.some((command) => `${words} `.startsWith(`${command.slice('### soma '.length)} `));
    expect(named.filter((words) => !known(words))).toEqual([]);
  });
});
