import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** All metrics of a process, under names that start with `soma_`. No label has a tenant or an id. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  readonly requestSeconds = new Histogram({
    name: 'soma_http_request_duration_seconds',
    help: 'Time to answer a request, by method, route pattern and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [this.registry],
  });

  readonly embeddingCache = new Counter({
    name: 'soma_embedding_cache_total',
    help: 'Texts looked up in the embedding cache, by result: hit or miss.',
    labelNames: ['result'],
    registers: [this.registry],
  });

  private readonly breakerOpen = new Gauge({
    name: 'soma_breaker_open',
    help: 'Whether a dependency failed of late and is not asked (1), by dependency.',
    labelNames: ['dependency'],
    registers: [this.registry],
  });

  private readonly breakerTrips = new Counter({
    name: 'soma_breaker_trips_total',
    help: 'How often a dependency was given up on, failed tries included, by dependency.',
    labelNames: ['dependency'],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry, prefix: 'soma_' });
  }

  /** Notes that a circuit breaker opened or closed. */
  breaker(dependency: string, isOpen: boolean): void {
    this.breakerOpen.set({ dependency }, isOpen ? 1 : 0);
    if (isOpen) this.breakerTrips.inc({ dependency });
  }

  /** A gauge that is read when the metrics are asked for; left out when reading fails. */
  observe(name: string, help: string, read: () => Promise<number>): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      async collect() {
        try {
          this.set(await read());
        } catch {
          this.reset();
        }
      },
    });
  }
}
