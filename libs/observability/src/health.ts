import { Injectable } from '@nestjs/common';

export interface DependencyCheck {
  readonly name: string;
  /** Without it nothing can be answered; without the others, less well. */
  readonly essential: boolean;
  /** A round trip that rejects when the dependency would not serve. */
  readonly check: () => Promise<void>;
}

export interface DependencyHealth {
  readonly status: 'ok' | 'down';
  readonly latency_ms: number;
}

export interface HealthReport {
  readonly status: 'ok' | 'degraded' | 'down';
  readonly dependencies: Record<string, DependencyHealth>;
}

const CHECK_TIMEOUT_MS = 2_000;

/** Asks every dependency at once, and gives none longer than two seconds. */
@Injectable()
export class Health {
  constructor(private readonly checks: readonly DependencyCheck[]) {}

  async report(): Promise<HealthReport> {
    const results = await Promise.all(
      this.checks.map(async (dependency) => ({ dependency, health: await measure(dependency) })),
    );
    const down = results.filter(({ health }) => health.status === 'down');
    const isDown = down.some(({ dependency }) => dependency.essential);
    return {
      status: isDown ? 'down' : down.length > 0 ? 'degraded' : 'ok',
      dependencies: Object.fromEntries(
        results.map(({ dependency, health }) => [dependency.name, health]),
      ),
    };
  }
}

async function measure({ check }: DependencyCheck): Promise<DependencyHealth> {
  const started = performance.now();
  const latency = (): number => Math.round((performance.now() - started) * 100) / 100;
  const timeout = AbortSignal.timeout(CHECK_TIMEOUT_MS);
  const late = new Promise<never>((_, reject) => {
    timeout.addEventListener('abort', () => reject(new Error('no answer in time')));
  });
  try {
    await Promise.race([check(), late]);
    return { status: 'ok', latency_ms: latency() };
  } catch {
    return { status: 'down', latency_ms: latency() };
  }
}
