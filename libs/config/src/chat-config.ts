import type { ChatConfig } from './app-config.js';
import { ConfigError } from './config-error.js';
import type { Settings } from './settings.js';

export const chatOf = (settings: Settings): ChatConfig | undefined =>
  modelAt('SOMA_CHAT', settings);

export const predictionOf = (settings: Settings): ChatConfig | undefined =>
  modelAt('SOMA_PREDICTION', settings);

function modelAt(
  prefix: 'SOMA_CHAT' | 'SOMA_PREDICTION',
  settings: Settings,
): ChatConfig | undefined {
  const url = settings[`${prefix}_URL`];
  const model = settings[`${prefix}_MODEL`];
  if (url === undefined) return undefined;
  if (model === undefined) {
    throw new ConfigError([`${prefix}_MODEL: needed with ${prefix}_URL`]);
  }
  return {
    url,
    model,
    apiKey: settings[`${prefix}_API_KEY`],
    timeoutMs: settings[`${prefix}_TIMEOUT_MS`],
  };
}
