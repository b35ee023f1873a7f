import type { Provider } from '@nestjs/common';
import type { AppConfig, EncryptionConfig } from '@soma/config';
import { SystemClock } from '@soma/core';
import {
  EitherKeyWrapper,
  EncryptedFields,
  EnvironmentKeyWrapper,
  KeyRing,
  KeyWrapper,
  Reencryption,
  TenantKeyStore,
  VaultKeyWrapper,
} from '@soma/encryption';
import {
  type Database,
  PostgresReencryption,
  PostgresTenantKeyStore,
  RowCipher,
} from '@soma/persistence';

export interface Encryption {
  readonly cipher: RowCipher;
  readonly wrapper: KeyWrapper;
  readonly providers: readonly Provider[];
}

/** What seals and opens tenants' rows, with the key-encryption key that was configured. */
export function openEncryption({ encryption }: AppConfig, database: Database): Encryption {
  const store = new PostgresTenantKeyStore(database);
  const wrapper = wrapperOf(encryption);
  const options = { maxAgeMs: encryption.keyCacheSeconds * 1_000 };
  const ring = new KeyRing(store, wrapper, options, new SystemClock());
  const cipher = new RowCipher(store, ring);
  return {
    cipher,
    wrapper,
    providers: [
      { provide: TenantKeyStore, useValue: store },
      { provide: KeyWrapper, useValue: wrapper },
      { provide: KeyRing, useValue: ring },
      { provide: RowCipher, useValue: cipher },
      { provide: Reencryption, useClass: PostgresReencryption },
      EncryptedFields,
    ],
  };
}

function wrapperOf({ keys, vault }: EncryptionConfig): KeyWrapper {
  const environment = new EnvironmentKeyWrapper(keys);
  return vault ? new EitherKeyWrapper(new VaultKeyWrapper(vault), environment) : environment;
}
