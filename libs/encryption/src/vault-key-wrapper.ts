import { SomaError, type TenantScope } from '@soma/core';
import { DATA_KEY_BYTES, type DataKeyName, KeyWrapper } from './key-wrapper.js';
import { type VaultOptions, VaultTransport } from './vault-transport.js';

const WRAPPED = /^vault:v(\d+):/;

/**
 * Wraps by a key of Vault's transit engine, which never leaves Vault. The tenant and version are
 * wrapped with the data key and compared when it is unwrapped: so `rewrap` is Vault's own, which
 * shows the data key to nobody, and any type of transit key will do.
 */
export class VaultKeyWrapper extends KeyWrapper {
  private readonly vault: VaultTransport;

  constructor(private readonly options: VaultOptions) {
    super();
    this.vault = new VaultTransport(options);
  }

  async current(): Promise<string> {
    const { latest_version: latest } = await this.vault.readKey();
    return this.named(String(latest));
  }

  nameOf(wrapped: string): string {
    return this.named(WRAPPED.exec(wrapped)?.[1] ?? '?');
  }

  async wrap(scope: TenantScope, name: DataKeyName, key: Buffer): Promise<string> {
    const plaintext = Buffer.concat([key, labelOf(scope, name)]).toString('base64');
    return textOf(await this.vault.post('encrypt', { plaintext }), 'ciphertext');
  }

  async unwrap(scope: TenantScope, name: DataKeyName, wrapped: string): Promise<Buffer> {
    const answer = await this.vault.post('decrypt', { ciphertext: wrapped });
    const plain = Buffer.from(textOf(answer, 'plaintext'), 'base64');
    const key = plain.subarray(0, DATA_KEY_BYTES);
    if (plain.subarray(DATA_KEY_BYTES).equals(labelOf(scope, name))) return key;
    throw new SomaError(
      'DECRYPTION_FAILED',
      `The wrapped data key, version ${name.version}, is of another tenant or version.`,
    );
  }

  async rewrap(_scope: TenantScope, _name: DataKeyName, wrapped: string): Promise<string> {
    if (this.nameOf(wrapped) === (await this.current())) return wrapped;
    return textOf(await this.vault.post('rewrap', { ciphertext: wrapped }), 'ciphertext');
  }

  private named(version: string): string {
    return `vault:${this.options.mount}/${this.options.key}:v${version}`;
  }
}

const labelOf = ({ tenantId }: TenantScope, { version }: DataKeyName): Buffer =>
  Buffer.from(`${tenantId}/${version}`, 'utf8');

function textOf(answer: Record<string, unknown>, field: string): string {
  const value = answer[field];
  if (typeof value === 'string') return value;
  throw new SomaError('ENCRYPTION_KEY_UNAVAILABLE', `Vault's answer has no ${field}.`);
}
