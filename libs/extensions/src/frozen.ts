import { TenantScope } from '@soma/core';

/** A copy that nobody can change, in all its depth. */
export function frozenCopy<Value>(value: Value): Value {
  return frozen(structuredClone(value));
}

/** The same scope again; changing anything of it throws. */
export function frozenScope({ tenantId, namespaces, writer }: TenantScope): TenantScope {
  const names = namespaces && Object.freeze([...namespaces]);
  return Object.freeze(TenantScope.of(tenantId, names, Object.freeze({ ...writer })));
}

function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
