declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** The owner of a memory; known only from a bearer token, never from a request. */
export type TenantId = Branded<'TenantId'>;

/** A memory's UUIDv7. */
export type MemoryId = Branded<'MemoryId'>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => UUID.test(text);
export const tenantId = (uuid: string): TenantId => uuid as TenantId;
export const memoryId = (uuid: string): MemoryId => uuid as MemoryId;
