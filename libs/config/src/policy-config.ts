import type { PolicyConfig } from './app-config.js';
import { ConfigError } from './config-error.js';
import type { Settings } from './settings.js';

/** @throws ConfigError for two policies at once. */
export function policyOf(settings: Settings): PolicyConfig | undefined {
  const { SOMA_OPA_BUNDLE: path, SOMA_OPA_URL: url } = settings;
  if (path !== undefined && url !== undefined) {
    throw new ConfigError(['SOMA_OPA_BUNDLE and SOMA_OPA_URL: set one of them']);
  }
  if (path !== undefined) return { kind: 'bundle', path };
  if (url === undefined) return undefined;
  const { SOMA_OPA_TOKEN: token, SOMA_OPA_TIMEOUT_MS: timeoutMs } = settings;
  return { kind: 'server', url, token, timeoutMs };
}
