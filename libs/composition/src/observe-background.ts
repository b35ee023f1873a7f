import { watchBackground } from '@soma/core';
import type { Metrics } from '@soma/observability';

/** Counts and times what the process does beside its requests. @returns what ends that. */
export function observeBackground({ backgroundSeconds }: Metrics): () => void {
  return watchBackground({
    onStart: (work) => {
      // Prometheus sees no rise in a series that begins with its first count.
      for (const result of ['done', 'failed']) backgroundSeconds.zero({ work, result });
    },
    onRun: ({ name: work, seconds, failed }) =>
      backgroundSeconds.observe({ work, result: failed ? 'failed' : 'done' }, seconds),
  });
}
