import type { AppliedEncryption, EncryptionStatus, RewrappedKeys } from '@soma/encryption';
import { ok } from '../http.js';
import { OPERATOR_TOKEN, type Service } from '../service.js';

/** The operator's requests about encryption. */
export function operatorOf(service: Service) {
  const send = <Body>(method: string, path: string, body?: unknown) =>
    service.request<Body>(method, path, { token: OPERATOR_TOKEN, body });
  const pathOf = (tenant: string, rest = ''): string =>
    `/admin/tenants/${tenant}/encryption${rest}`;
  return {
    send,
    pathOf,
    status: (tenant: string) => ok(send<EncryptionStatus>('GET', pathOf(tenant))),
    encrypt: (tenant: string, policy: string, fields?: readonly string[]) =>
      ok(send<EncryptionStatus>('PUT', pathOf(tenant), { policy, fields })),
    rotate: (tenant: string) => ok(send<EncryptionStatus>('POST', pathOf(tenant, '/rotate'))),
    rewrap: (tenant?: string) =>
      ok(send<RewrappedKeys>('POST', '/admin/encryption/rewrap', { tenant })),
    /** Every step there is. @returns how many rows were written. */
    apply: async (tenant: string, limit = 200): Promise<number> => {
      let changed = 0;
      let cursor: string | undefined;
      do {
        const body = { cursor, limit };
        const step = await ok(send<AppliedEncryption>('POST', pathOf(tenant, '/apply'), body));
        changed += step.changed;
        cursor = step.next_cursor ?? undefined;
      } while (cursor !== undefined);
      return changed;
    },
  };
}
