import type { Principal } from '@soma/tenancy';

/** @throws SomaError NAMESPACE_FORBIDDEN for a token that is kept to namespaces. */
export function wholeTenant(by: Principal): Principal {
  if (by.kind === 'tenant') by.tenant.assertWholeTenant();
  return by;
}
