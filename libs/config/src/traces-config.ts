import type { TracesConfig } from './app-config.js';
import { ConfigError } from './config-error.js';
import type { Settings } from './settings.js';

/** @throws ConfigError for headers that are none. */
export function tracesOf(settings: Settings): TracesConfig | undefined {
  const { SOMA_TRACES_URL: url, SOMA_TRACES_HEADERS: headers = '' } = settings;
  if (url === undefined) return undefined;
  return {
    url,
    headers: Object.fromEntries(headers.split(',').flatMap((header) => headerOf(header))),
    sampler: settings.SOMA_TRACES_SAMPLER,
    ratio: settings.SOMA_TRACES_RATIO,
  };
}

/** As in OTEL_EXPORTER_OTLP_HEADERS: `name=value`, the value as in a URL. */
function headerOf(text: string): [string, string][] {
  if (text.trim() === '') return [];
  const [, name, value] = /^\s*([!#$%&'*+.^_`|~\w-]+)\s*=\s*(.*?)\s*$/.exec(text) ?? [];
  try {
    if (name !== undefined && value !== undefined) return [[name, decodeURIComponent(value)]];
  } catch {
    // The error below says as much, without the value.
  }
  throw new ConfigError(['SOMA_TRACES_HEADERS: must be name=value, separated by commas']);
}
