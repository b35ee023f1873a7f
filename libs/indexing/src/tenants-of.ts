import type { TenantScope } from '@soma/core';
import type { ConsistencyStore } from './consistency-store.js';
import { everyPage } from './paired-entries.js';

const TENANTS_A_PAGE = 500;

/** The one tenant, or all of them. */
export async function* tenantsOf(
  store: ConsistencyStore,
  only: TenantScope | undefined,
): AsyncGenerator<TenantScope> {
  if (only) yield only;
  else {
    yield* everyPage(
      TENANTS_A_PAGE,
      ({ tenantId }: TenantScope) => tenantId,
      (after) => store.tenants(TENANTS_A_PAGE, after),
    );
  }
}
