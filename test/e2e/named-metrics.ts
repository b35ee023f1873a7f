import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const FILES = 'helm/soma-fractal-memory/files';

/** What Prometheus puts on every series of a process: the chart's ServiceMonitor says how. */
const OF_THE_SCRAPE = new Set(['job', 'component', 'instance']);

/** Series that an alert or a dashboard asks for. */
export interface Named {
  readonly where: string;
  readonly metric: string;
  /** As `reason="invalid"`, but for what the scrape puts there. */
  readonly matchers: readonly string[];
  /** Labels that are kept when series are summed. */
  readonly grouping: readonly string[];
}

interface Panel {
  readonly targets?: readonly { readonly expr: string }[];
}

/** Every expression of the alerts and of the dashboards, by where it stands. */
function expressions(): [string, string][] {
  const rules = parse(readFileSync(join(FILES, 'alerts.yaml'), 'utf8')) as {
    groups: readonly { rules: readonly { alert: string; expr: string }[] }[];
  };
  const alerts = rules.groups.flatMap((group) =>
    group.rules.map(({ alert, expr }): [string, string] => [alert, expr]),
  );
  const dashboards = readdirSync(join(FILES, 'dashboards')).flatMap((file) => {
    const text = readFileSync(join(FILES, 'dashboards', file), 'utf8');
    const { panels } = JSON.parse(text) as { panels: readonly Panel[] };
    return panels.flatMap(({ targets = [] }) =>
      targets.map(({ expr }): [string, string] => [file, expr]),
    );
  });
  return [...alerts, ...dashboards];
}

/** What alerts and dashboards name of the service; `up` is Prometheus' own. */
export function namedMetrics(): Named[] {
  return expressions().flatMap(([where, expression]) => {
    const groupings = [...expression.matchAll(/\bby \(([^)]+)\)/g)];
    const grouping = groupings.flatMap(([, labels = '']) => labels.split(/, */));
    return [...expression.matchAll(/\b(soma_\w+)(?:\{([^}]*)\})?/g)].map(
      ([, metric = '', matchers = '']) => ({
        where,
        metric,
        matchers: matchers.split(/, */).filter((matcher) => !isOfTheScrape(matcher)),
        grouping: grouping.filter((label) => !isOfTheScrape(label)),
      }),
    );
  });
}

const isOfTheScrape = (text: string): boolean =>
  text === '' || OF_THE_SCRAPE.has(text.split(/[=!]/)[0] ?? '');

/** Whether a process' answer at /metrics has a series that is asked for. */
export function isExported(exposition: string, { metric, matchers, grouping }: Named): boolean {
  const wanted = matchers.map((matcher) => {
    const [, label = '', operator, value = ''] = /^(\w+)(=~?)"(.*)"$/.exec(matcher) ?? [];
    if (label === '') throw new Error(`The matcher ${matcher} is not understood here.`);
    const pattern = new RegExp(`^(?:${value})$`);
    return {
      label,
      fits: (text: string) => (operator === '=' ? text === value : pattern.test(text)),
    };
  });
  return exposition.split('\n').some((line) => {
    const [, name, text = ''] = /^(\w+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name !== metric) return false;
    const pairs = [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    const labels = new Map(pairs.map(([, label = '', value = '']) => [label, value]));
    return (
      grouping.every((label) => labels.has(label)) &&
      wanted.every(({ label, fits }) => fits(labels.get(label) ?? ''))
    );
  });
}
