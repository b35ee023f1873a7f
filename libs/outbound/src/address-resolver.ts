import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';

/** Every address of a name, at the moment it is asked. */
export abstract class AddressResolver {
  /** @throws when the name has none. */
  abstract resolve(name: string): Promise<readonly LookupAddress[]>;
}

/** As every other program of this machine finds them: hosts file, then name servers. */
export class SystemAddressResolver extends AddressResolver {
  resolve(name: string): Promise<readonly LookupAddress[]> {
    return lookup(name, { all: true });
  }
}
