import type { AppConfig } from '@soma/config';
import { assertExtensions, type Extension, Extensions, loadExtensions } from '@soma/extensions';
import type { Metrics } from '@soma/observability';

/** @throws for a module that cannot be loaded or is no extension. */
export async function openExtensions(
  { extensions: { paths, timeoutMs } }: AppConfig,
  registered: readonly Extension[],
  metrics: Metrics,
): Promise<Extensions> {
  const all = [...(await loadExtensions(paths)), ...registered];
  assertExtensions(all);
  for (const { name: extension, hooks } of all) {
    for (const hook of Object.keys(hooks)) metrics.extensionFailures.inc({ extension, hook }, 0);
  }
  return new Extensions(all, {
    timeoutMs,
    onFailure: (extension, hook) => metrics.extensionFailures.inc({ extension, hook }),
  });
}
