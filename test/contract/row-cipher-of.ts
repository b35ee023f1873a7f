import { SystemClock } from '@soma/core';
import { EnvironmentKeyWrapper, KeyRing, type KeyWrapper } from '@soma/encryption';
import { type Database, PostgresTenantKeyStore, RowCipher } from '@soma/persistence';

/** What seals and opens the rows of a database; without a wrapper only plain tenants work. */
export function rowCipherOf(
  database: Database,
  wrapper: KeyWrapper = new EnvironmentKeyWrapper([]),
): RowCipher {
  const store = new PostgresTenantKeyStore(database);
  return new RowCipher(
    store,
    new KeyRing(store, wrapper, { maxAgeMs: 300_000 }, new SystemClock()),
  );
}
