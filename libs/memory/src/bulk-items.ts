import { type FieldFault, parseCoordinate, SomaError } from '@soma/core';
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
      : new SomaError('VALIDATION_FAILED', 'The memory is not valid; see errors.', {
          errors: result.error.issues.map((issue): FieldFault => ({
            path: issue.path.join('.'),
            message: issue.message,
          })),
        });
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
  const { code, message: detail, errors } = error;
  return { index, status: error.status, error: { code, detail, errors: [...errors] } };
}
