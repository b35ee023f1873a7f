import { setTimeout as sleep } from 'node:timers/promises';
import { markdownTable } from '../../bench/markdown-table.js';
import type { Answer } from '../http.js';
import type { Service } from '../service.js';
import { comparable, leaksIn } from './leak.js';
import type { OperationKey } from './operations.js';
import { type Names, namesOf, namesOfNothing, type Party } from './party.js';
import type { Attempt, Probe } from './probe.js';
import type { SeededRandom } from './seeded-random.js';

interface Count {
  requests: number;
  leaks: number;
  readonly statuses: Map<number, number>;
}

const MOST_FAULTS_KEPT = 20;
const TRIES = 30;

/** Asks again where the service is too busy to answer, as its clients do. */
async function untilServed<Body>(ask: () => Promise<Answer<Body>>): Promise<Answer<Body>> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask();
    if (answer.status !== 503 || attempt === TRIES) return answer;
    await sleep(1_000);
  }
}

/** Sends requests of two parties, looks at every answer for the other's things, and keeps count. */
export class Session {
  /** What went wrong, each with its route; the first few. */
  readonly faults: string[] = [];
  private readonly counts = new Map<OperationKey, Count>();

  constructor(
    private readonly service: Service,
    private readonly parties: readonly [Party, Party],
  ) {}

  get sent(): number {
    return sum([...this.counts.values()].map((count) => count.requests));
  }

  get leaks(): number {
    return sum([...this.counts.values()].map((count) => count.leaks));
  }

  get serverErrors(): number {
    const statuses = [...this.counts.values()].flatMap((count) => [...count.statuses]);
    return sum(statuses.filter(([status]) => status >= 500).map(([, count]) => count));
  }

  opponentOf(party: Party): Party {
    return this.parties[0] === party ? this.parties[1] : this.parties[0];
  }

  /** One request with the party's token; `names` are those it uses of others. */
  async send<Body>(
    operation: OperationKey,
    party: Party,
    { path, body, headers }: Attempt,
    names?: Names,
  ): Promise<Answer<Body>> {
    const [method = ''] = operation.split(' ');
    const { token } = party.client;
    const answer = await untilServed(() =>
      this.service.request<Body>(method, path, { token, body, headers }),
    );
    const count = this.counts.get(operation) ?? { requests: 0, leaks: 0, statuses: new Map() };
    this.counts.set(operation, count);
    count.requests += 1;
    count.statuses.set(answer.status, (count.statuses.get(answer.status) ?? 0) + 1);
    const leaks = leaksIn(answer, party, [this.opponentOf(party)], names);
    count.leaks += leaks.length;
    if (leaks.length > 0) this.fault(operation, `${path} shows ${leaks.join(', ')}`);
    if (answer.status >= 500) this.fault(operation, `${path} answered ${answer.status}`);
    return answer;
  }

  /** Asks for what is the opponent's, then for what never was; the answers must be the same. */
  async attack(operation: OperationKey, probe: Probe, attacker: Party, random: SeededRandom) {
    const foreign = namesOf(this.opponentOf(attacker), random);
    const missing = namesOfNothing(random);
    await this.checked(operation, probe.name, async () => {
      const [first, second] = [
        await this.probe(operation, probe, attacker, foreign),
        await this.probe(operation, probe, attacker, missing),
      ];
      for (const answer of [first, second]) {
        expect({ status: answer.status, body: answer.body }).toMatchObject({
          status: probe.expected.status,
          body: typeof answer.body === 'string' ? expect.any(String) : probe.expected.body,
        });
      }
      if (probe.compares === 'all') {
        expect(comparable(first, foreign)).toEqual(comparable(second, missing));
      }
    });
  }

  /** Runs `work`, and keeps what it throws as a fault of the operation. */
  async checked(operation: OperationKey, what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.fault(operation, `${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  report(): string {
    const rows = [...this.counts].sort(([left], [right]) => left.localeCompare(right));
    const line = (name: string, count: Count) => [
      name,
      String(count.requests),
      [...count.statuses]
        .sort(([left], [right]) => left - right)
        .map(([status, times]) => `${status}: ${times}`)
        .join(', '),
      String(count.leaks),
    ];
    const total = { requests: this.sent, leaks: this.leaks, statuses: new Map<number, number>() };
    return markdownTable(
      ['route', 'requests', 'statuses', 'leaks'],
      [...rows.map(([name, count]) => line(name, count)), line('all', total)],
    );
  }

  private probe(operation: OperationKey, probe: Probe, attacker: Party, names: Names) {
    return this.send(operation, attacker, probe.attempt(names, attacker), names);
  }

  private fault(operation: OperationKey, what: string): void {
    if (this.faults.length < MOST_FAULTS_KEPT) this.faults.push(`${operation}: ${what}`);
  }
}

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0);
