import { parseCoordinate, SomaError, type TenantScope } from '@soma/core';
import { invalidItem, itemErrorOf } from './item-error.js';
import type { BulkItemResult } from './memory-list.schema.js';
import type { MemoryRepository } from './memory-repository.js';
import { type StoreMemory, storeMemorySchema } from './memory.schema.js';

interface ParsedBulk {
  readonly valid: { readonly index: number; readonly request: StoreMemory }[];
  readonly rejected: BulkItemResult[];
}

/** Judges each item by itself, as the single route would. */
export function parseBulk(scope: TenantScope, items: readonly unknown[]): ParsedBulk {
  const parsed: ParsedBulk = { valid: [], rejected: [] };
  items.forEach((item, index) => {
    const result = storeMemorySchema.safeParse(item);
    const error = result.success
      ? addressError(scope, result.data)
      : invalidItem('The memory is not valid; see errors.', result.error);
    if (result.success && !error) parsed.valid.push({ index, request: result.data });
    if (error) parsed.rejected.push(rejection(index, error));
  });
  return parsed;
}

/**
 * Rejects those whose coordinate is taken, before anything is made of them. Of a writer in quarantine
 * none is: its writes take no coordinate.
 */
export async function withoutTaken(
  scope: TenantScope,
  { valid, rejected }: ParsedBulk,
  memories: MemoryRepository,
): Promise<ParsedBulk> {
  if (scope.writer.quarantined) return { valid, rejected };
  const placed = valid.flatMap(({ index, request: { namespace, coord } }) =>
    coord === undefined ? [] : [{ index, namespace, coordinate: parseCoordinate(coord) }],
  );
  const isTaken = placed.length === 0 ? [] : await memories.taken(scope, placed);
  const taken = placed.filter((_, position) => isTaken[position]);
  const indexes = new Set(taken.map(({ index }) => index));
  return {
    valid: valid.filter(({ index }) => !indexes.has(index)),
    rejected: [
      ...rejected,
      ...taken.map(({ index, coordinate }) => rejection(index, coordinateTaken(coordinate.text))),
    ],
  };
}

export const coordinateTaken = (coordinate: string): SomaError =>
  new SomaError(
    'COORDINATE_TAKEN',
    `There is a memory at "${coordinate}" already, and only new ones are stored.`,
  );

function addressError(scope: TenantScope, request: StoreMemory): SomaError | undefined {
  try {
    scope.assertNamespace(request.namespace);
    scope.assertTrust(request.trust);
    if (request.coord !== undefined) parseCoordinate(request.coord);
    for (const link of request.links) parseCoordinate(link.to_coord);
    return undefined;
  } catch (error) {
    if (error instanceof SomaError) return error;
    throw error;
  }
}

function rejection(index: number, error: SomaError): BulkItemResult {
  return { index, status: error.status, error: itemErrorOf(error) };
}
