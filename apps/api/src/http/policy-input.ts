import { isUuid } from '@soma/core';
import { DEFAULT_NAMESPACE } from '@soma/memory';
import type { PolicyInput } from '@soma/policy';
import type { Principal, RouteAccess } from '@soma/tenancy';
import type { Request } from 'express';

type Fields = Readonly<Record<string, unknown>>;

/** Routes under which a namespace that is left out is the default one. */
const IN_A_NAMESPACE = /^\/(memories|graph|hierarchy\/(tree|reflect|summarize))(\/|$)/;
/** Lists of requests, each with a namespace of its own. */
const LISTS = ['memories', 'searches'] as const;
/** Fields that name a memory by its id. */
const ID_FIELDS = ['id', 'from_id', 'to_id', 'memory_id'] as const;

/** What is told to a policy of a request; read before validation, so nothing is taken for granted. */
export function policyInput(
  {
    method,
    route,
    params,
    query,
    body,
  }: Pick<Request, 'method' | 'params' | 'query' | 'body'> & {
    readonly route?: unknown;
  },
  access: RouteAccess,
  by: Principal,
): PolicyInput {
  const path = pathOf(route);
  const given = [fieldsOf(params), fieldsOf(query), fieldsOf(body)];
  const own = by.kind === 'tenant' ? by.tenant.tenantId : null;
  return {
    principal: {
      kind: by.kind,
      token_id: by.tokenId,
      tenant_id: own,
      scopes: by.kind === 'tenant' ? [...by.scopes].sort() : [],
    },
    action: { method, route: path, scope: access.kind === 'scope' ? access.scope : 'operator' },
    resource: {
      tenant_id: textOf(params['tenant'])?.toLowerCase() ?? textOf(fieldsOf(body)['tenant']) ?? own,
      namespaces: namespacesOf(path, given),
      by_id: given.some(namesById),
    },
  };
}

/** `/memories/:address` as `/memories/{address}`. */
function pathOf(route: unknown): string {
  const path = textOf(fieldsOf(route)['path']) ?? '';
  return path.replace(/:(\w+)/g, '{$1}');
}

function namespacesOf(path: string, given: readonly Fields[]): string[] {
  const lists = given.flatMap((fields) =>
    LISTS.flatMap((name) => (Array.isArray(fields[name]) ? (fields[name] as unknown[]) : [])),
  );
  const named = given.flatMap(({ namespace }) => [namespace].flat()).filter(isGiven);
  const requests = lists.length > 0 ? lists.map((item) => fieldsOf(item)['namespace']) : named;
  const all = [...requests, ...(lists.length > 0 ? named : [])].map((name) =>
    isGiven(name) ? nameOf(name) : DEFAULT_NAMESPACE,
  );
  if (all.length === 0 && IN_A_NAMESPACE.test(path)) all.push(DEFAULT_NAMESPACE);
  return [...new Set(all)].sort();
}

/** As validation would read it; what it would refuse stands as it is, and is refused there. */
const nameOf = (name: unknown): string =>
  (typeof name === 'string' ? name : JSON.stringify(name)).normalize('NFC');

function namesById(fields: Fields): boolean {
  const address = textOf(fields['address']);
  if (address !== undefined && isUuid(address)) return true;
  return isGiven(fields['ids']) || ID_FIELDS.some((name) => isGiven(fields[name]));
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};
