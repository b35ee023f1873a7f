import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** From a command of Redis to a long answer of a model. */
const DEPENDENCY_SECONDS = [...SECONDS, 30, 60];

/** From a look that finds nothing to a comparison of the whole index. */
const BACKGROUND_SECONDS = [0.001, 0.01, 0.1, 0.5, 1, 5, 10, 60, 300, 1_800];

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

  readonly dependencySeconds = new Histogram({
    name: 'soma_dependency_duration_seconds',
    help: 'Time that a call of a dependency took, by dependency, operation and outcome.',
    labelNames: ['dependency', 'operation', 'outcome'],
    buckets: DEPENDENCY_SECONDS,
    registers: [this.registry],
  });

  readonly backgroundSeconds = new Histogram({
    name: 'soma_background_duration_seconds',
    help: 'Time that a run of background work took, by work and result: done or failed.',
    labelNames: ['work', 'result'],
    buckets: BACKGROUND_SECONDS,
    registers: [this.registry],
  });

  readonly embeddingCache = new Counter({
    name: 'soma_embedding_cache_total',
    help: 'Texts looked up in the embedding cache, by result: hit or miss.',
    labelNames: ['result'],
    registers: [this.registry],
  });

  readonly cacheLookups = new Counter({
    name: 'soma_cache_lookups_total',
    help: 'Things looked up in caches of the process, by cache and result: hit or miss.',
    labelNames: ['cache', 'result'],
    registers: [this.registry],
  });

  readonly modelTokens = new Counter({
    name: 'soma_model_tokens_total',
    help: 'Tokens that models said they took, by dependency, direction and class of tenant.',
    labelNames: ['dependency', 'direction', 'tenant_class'],
    registers: [this.registry],
  });

  readonly rateLimited = new Counter({
    name: 'soma_rate_limited_total',
    help: 'Requests refused, by whose limit (token or tenant) and window (second, day or now).',
    labelNames: ['of', 'window'],
    registers: [this.registry],
  });

  readonly storeFailures = new Counter({
    name: 'soma_store_failures_total',
    help: 'Work the database could not do, by reason: away, or full when its disk has no room.',
    labelNames: ['reason'],
    registers: [this.registry],
  });

  readonly auditLost = new Counter({
    name: 'soma_audit_lost_total',
    help: 'Recalls and refusals that could not be written to the audit, which says so itself.',
    registers: [this.registry],
  });

  readonly authRefused = new Counter({
    name: 'soma_auth_refused_total',
    help: 'Requests without a good token, by reason: missing or invalid.',
    labelNames: ['reason'],
    registers: [this.registry],
  });

  readonly forgotten = new Counter({
    name: 'soma_forgotten_total',
    help: 'Memories that decayed, by how: archived, fields, or purged for good.',
    labelNames: ['how'],
    registers: [this.registry],
  });

  readonly predictions = new Counter({
    name: 'soma_predictions_total',
    help: 'Feedback that asked for a prediction, by result: made, nothing, not-configured, unavailable.',
    labelNames: ['result'],
    registers: [this.registry],
  });

  readonly extensionFailures = new Counter({
    name: 'soma_extension_failures_total',
    help: 'Hooks that threw, were late or answered rubbish, by extension and hook.',
    labelNames: ['extension', 'hook'],
    registers: [this.registry],
  });

  readonly spansLost = new Counter({
    name: 'soma_spans_lost_total',
    help: 'Spans of traces that their receiver did not take.',
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
    // Prometheus sees no rise in a series that begins with its first count: these begin at 0.
    for (const reason of ['away', 'full']) this.storeFailures.inc({ reason }, 0);
    for (const reason of ['missing', 'invalid']) this.authRefused.inc({ reason }, 0);
    for (const how of ['archived', 'fields', 'purged']) this.forgotten.inc({ how }, 0);
  }

  /** Shows a circuit breaker from the start, closed: one that never opens is no gap in a graph. */
  watchBreaker(dependency: string): void {
    this.breakerOpen.set({ dependency }, 0);
    this.breakerTrips.inc({ dependency }, 0);
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
          // A reset would show 0, which says that all is well.
          this.remove();
        }
      },
    });
  }
}
