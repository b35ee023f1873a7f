/** Gives back a place; doing it twice is doing it once. */
export type Leave = () => void;

/** For so long after its last request a tenant still has its share. */
const ACTIVE_MS = 1_000;
/** In so long, half of the time that a tenant had is forgotten. */
const HALF_LIFE_MS = 2_000;
/** Who has had more than the mean may have one place in so many while others are active. */
const PLACES_A_BUSY_ONE = 8;
/** And one in so many while a request of another is here. */
const PLACES_A_HELD_BACK_ONE = 16;
/** After so long without a change it is looked again who may begin. */
const LOOK_AGAIN_MS = 50;

interface Waiting {
  readonly start: (leave: Leave) => void;
}

interface Line {
  running: number;
  readonly waiting: Set<Waiting>;
  lastSeen: number;
  /** When it was last given a place, in turns. */
  turn: number;
  /** What it had of the process' time of late, in milliseconds. */
  had: number;
}

/**
 * So many requests at work at once, shared among the tenants that have any: the next place goes to
 * the tenant that waits with the fewest at work, and none may have more than its share while others
 * are active. Who comes alone has all places.
 *
 * All work in one thread and one database, where a request is slowed by every other: so a tenant that
 * has had more than the mean of those active has few places, and fewer still while one that has had
 * less is here. Nobody starves of it: who is held back falls below the mean.
 */
export class FairQueue {
  private readonly lines = new Map<string, Line>();
  private running = 0;
  private turns = 0;
  private countedAt = 0;
  private lookAgain: NodeJS.Timeout | undefined;

  constructor(
    private readonly places: number,
    /** Most that wait, for each tenant. */
    private readonly mostWaiting: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get counts(): { running: number; waiting: number } {
    const waiting = [...this.lines.values()].reduce((sum, line) => sum + line.waiting.size, 0);
    return { running: this.running, waiting };
  }

  /**
   * Waits for a place. @returns undefined when too many of the tenant's requests wait already, or
   * the caller is `gone` before its turn.
   */
  enter(tenant: string, gone?: AbortSignal): Promise<Leave | undefined> {
    const line = this.lineOf(tenant);
    line.lastSeen = this.now();
    if (line.waiting.size >= this.mostWaiting) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const waiting: Waiting = { start: resolve };
      line.waiting.add(waiting);
      gone?.addEventListener('abort', () => {
        if (line.waiting.delete(waiting)) resolve(undefined);
      });
      this.startNext();
    });
  }

  private startNext(): void {
    this.countTime();
    while (this.running < this.places) {
      const line = this.nextLine();
      const [first] = line?.waiting ?? [];
      if (!line || !first) break;
      line.waiting.delete(first);
      line.turn = ++this.turns;
      line.running += 1;
      this.running += 1;
      first.start(this.leaveOnce(line));
    }
    this.lookAgainLater();
  }

  /** Time alone changes who may begin, if places are free. */
  private lookAgainLater(): void {
    if (this.lookAgain || this.running === this.places || this.counts.waiting === 0) return;
    this.lookAgain = setTimeout(() => {
      this.lookAgain = undefined;
      this.startNext();
    }, LOOK_AGAIN_MS).unref();
  }

  /** Of those with as many at work, the one served longest ago. */
  private nextLine(): Line | undefined {
    this.forgetIdle();
    const share = Math.max(1, Math.floor(this.places / Math.max(1, this.lines.size)));
    const mean = this.meanTime();
    const ofBusy = Math.min(share, this.placesOfBusy(mean));
    let next: Line | undefined;
    for (const line of this.lines.values()) {
      const most = line.had > mean ? ofBusy : share;
      if (line.waiting.size === 0 || line.running >= most) continue;
      if (!next || (line.running - next.running || line.turn - next.turn) < 0) next = line;
    }
    return next;
  }

  /** Most that a tenant may have at work that has had more than the mean. */
  private placesOfBusy(mean: number): number {
    for (const { had, running, waiting } of this.lines.values()) {
      if (had > mean || running + waiting.size === 0) continue;
      return Math.floor(this.places / PLACES_A_HELD_BACK_ONE);
    }
    return Math.ceil(this.places / PLACES_A_BUSY_ONE);
  }

  private meanTime(): number {
    let sum = 0;
    for (const { had } of this.lines.values()) sum += had;
    return sum / this.lines.size;
  }

  /** The time that passed was shared by those at work. */
  private countTime(): void {
    const now = this.now();
    const passed = now - this.countedAt;
    this.countedAt = now;
    for (const line of this.lines.values()) {
      if (line.running > 0) line.had += (passed * line.running) / this.running;
      line.had *= 0.5 ** (passed / HALF_LIFE_MS);
    }
  }

  private leaveOnce(line: Line): Leave {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.countTime();
      line.running -= 1;
      line.lastSeen = this.now();
      this.running -= 1;
      this.startNext();
    };
  }

  private lineOf(tenant: string): Line {
    const line = this.lines.get(tenant) ?? {
      running: 0,
      waiting: new Set(),
      lastSeen: 0,
      turn: 0,
      had: 0,
    };
    this.lines.set(tenant, line);
    return line;
  }

  private forgetIdle(): void {
    const since = this.now() - ACTIVE_MS;
    for (const [tenant, line] of this.lines) {
      if (line.running === 0 && line.waiting.size === 0 && line.lastSeen < since) {
        this.lines.delete(tenant);
      }
    }
  }
}
