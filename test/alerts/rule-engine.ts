import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ScrapeHistory } from './scrape-history.ts';

const RULES = resolve('helm/soma-fractal-memory/files/alerts.yaml');

/** What one scrape stands for: the interval at which the chart lets a process be scraped. */
const INTERVAL_S = 15;

/** Scrapes: more than any alert looks back, which is 15 minutes. */
const LONGEST_WINDOW = 80;

/** The labels of an alert whose expression is true, `alertname` and `alertstate` among them. */
export type RingingAlert = Readonly<Record<string, string>>;

/** Names of all metrics that the alerts of the chart ask for. */
export function metricsOfAlerts(): ReadonlySet<string> {
  return new Set(readFileSync(RULES, 'utf8').match(/\bsoma_\w+/g));
}

/**
 * Prometheus' own engine, from promtool, over the alerts of the chart as they are. It is asked for the series
 * ALERTS, which an alert has while its expression is true: `pending` for as long as its `for` says, then `firing`.
 */
export class RuleEngine {
  readonly #program: string;
  readonly #dir: string;

  /** Builds promtool the first time; `dir` is for its input. */
  constructor(dir: string) {
    this.#program = execFileSync('tools/promtool/build.sh', {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    }).trim();
    this.#dir = dir;
  }

  /** The alerts whose expression was true, for each scrape of the history from number `since` on. */
  async ringing(history: ScrapeHistory, since: number): Promise<RingingAlert[][]> {
    const from = Math.max(0, since - LONGEST_WINDOW);
    const count = history.moments.length - from;
    const path = join(this.#dir, 'alerts.test.yaml');
    const interval = `${INTERVAL_S}s`;
    // What does not come out as it should is printed by promtool: so nothing is said to be due.
    const promql_expr_test = Array.from({ length: count }, (_, at) => ({
      expr: 'ALERTS',
      eval_time: `${at * INTERVAL_S}s`,
      exp_samples: [],
    }));
    const tests = [{ interval, input_series: history.inputSeries(from), promql_expr_test }];
    // JSON is YAML too.
    const input = { rule_files: [RULES], evaluation_interval: interval, tests };
    writeFileSync(path, JSON.stringify(input));
    const said = await this.#run(['test', 'rules', path]);
    const ringing = Array.from({ length: count }, (): RingingAlert[] => []);
    for (const [, time = '', got = ''] of said.matchAll(SAMPLES)) {
      ringing[secondsOf(time) / INTERVAL_S]?.push(...labelSets(got));
    }
    return ringing.slice(since - from);
  }

  #run(args: readonly string[]): Promise<string> {
    return new Promise((done, failed) => {
      execFile(this.#program, args, { maxBuffer: 1e9 }, (error, stdout, stderr) => {
        const said = `${stdout}${stderr}`;
        // 1 is that a test failed, which is what they are for.
        if (error && (error.code !== 1 || !said.includes('got:'))) {
          failed(new Error(`promtool: ${said.slice(0, 2_000)}`, { cause: error }));
        } else done(said);
      });
    });
  }
}

const SAMPLES = /expr: "ALERTS", time: (\S+),\n\s*exp: .*\n\s*got: (.*)/g;

/** Of Go's notation, as `1h2m3s`. */
function secondsOf(duration: string): number {
  const units: Record<string, number> = { h: 3600, m: 60, s: 1 };
  const parts = [...duration.matchAll(/([\d.]+)([hms])/g)];
  return parts.reduce((sum, [, value, unit = '']) => sum + Number(value) * (units[unit] ?? 0), 0);
}

const labelSets = (samples: string): RingingAlert[] =>
  [...samples.matchAll(/\{(.*?)\} [\d.]/g)].map(([, labels = '']) =>
    Object.fromEntries(
      [...labels.replaceAll('\\"', '"').matchAll(/(\w+)="([^"]*)"/g)].map(
        ([, name = '', value = '']) => [name, value],
      ),
    ),
  );
