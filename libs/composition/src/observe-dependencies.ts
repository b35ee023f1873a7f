import { CALL_OUTCOMES, watchDependencies } from '@soma/core';
import type { Metrics } from '@soma/observability';

/** Counts and times what the process asks of others. @returns what ends that. */
export function observeDependencies({ dependencySeconds }: Metrics): () => void {
  const known = new Set<string>();
  return watchDependencies(({ dependency, operation, outcome, seconds }) => {
    const asked = `${dependency} ${operation}`;
    if (!known.has(asked)) {
      known.add(asked);
      // Prometheus sees no rise in a series that begins with its first count.
      for (const each of CALL_OUTCOMES) {
        dependencySeconds.zero({ dependency, operation, outcome: each });
      }
    }
    dependencySeconds.observe({ dependency, operation, outcome }, seconds);
  });
}
