import type { EncryptionConfig } from './app-config.js';
import { ConfigError } from './config-error.js';
import type { Settings } from './settings.js';

const KEY = /^\s*([A-Za-z0-9_.-]{1,32}):([A-Za-z0-9+/]{43}=)\s*$/;

/** @throws ConfigError that names the key which is wrong by its place, and shows nothing of it. */
export function encryptionOf(settings: Settings): EncryptionConfig {
  return {
    keys: keysOf(settings.SOMA_ENCRYPTION_KEYS ?? ''),
    vault: vaultOf(settings),
    keyCacheSeconds: settings.SOMA_ENCRYPTION_CACHE_S,
  };
}

function keysOf(text: string): EncryptionConfig['keys'] {
  if (text === '') return [];
  const keys = text.split(',').map((part, at) => {
    const [, id, key] = KEY.exec(part) ?? [];
    if (id !== undefined && key !== undefined) return { id, key: Buffer.from(key, 'base64') };
    throw new ConfigError([
      `SOMA_ENCRYPTION_KEYS: key ${at + 1} is not \`id:key\` with 32 bytes in base64; ` +
        'make one with `openssl rand -base64 32`',
    ]);
  });
  const ids = new Set(keys.map(({ id }) => id));
  if (ids.size === keys.length) return keys;
  throw new ConfigError(['SOMA_ENCRYPTION_KEYS: two keys have the same id']);
}

function vaultOf(settings: Settings): EncryptionConfig['vault'] {
  const { SOMA_VAULT_URL: url, SOMA_VAULT_TOKEN: token } = settings;
  if (url === undefined) return undefined;
  if (token === undefined) {
    throw new ConfigError(['SOMA_VAULT_TOKEN: needed with SOMA_VAULT_URL']);
  }
  return {
    url,
    token,
    mount: settings.SOMA_VAULT_TRANSIT_MOUNT,
    key: settings.SOMA_VAULT_TRANSIT_NAME,
    timeoutMs: settings.SOMA_VAULT_TIMEOUT_MS,
  };
}
