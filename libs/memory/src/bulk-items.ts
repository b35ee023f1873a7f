import { parseCoordinate, SomaError } from '@soma/core';
import { invalidItem, itemErrorOf } from './item-error.js';
import type { BulkItemResult } from './memory-list.schema.js';
import { type StoreMemory, storeMemorySchema } from './memory.schema.js';

interface ParsedBulk {
  readonly valid: { readonly index: number; readonly request: StoreMemory }[];
  readonly rejected: BulkItemResult[];
}

/** Judges each item by itself, as the single route would. */
export function parseBulk(items: readonly unknown[]): ParsedBulk {
  const parsed: ParsedBulk = { valid: [], rejected: [] };
  items.forEach((item, index) => {
    const result = storeMemorySchema.safeParse(item);
    const error = result.success
      ? coordinateError(result.data)
      : invalidItem('The memory is not valid; see errors.', result.error);
    if (result.success && !error) parsed.valid.push({ index, request: result.data });
    if (error) parsed.rejected.push(rejection(index, error));
  });
  return parsed;
}

function coordinateError(request: StoreMemory): SomaError | undefined {
  try {
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
