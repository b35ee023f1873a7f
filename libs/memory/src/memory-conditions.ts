import { parseCoordinate, scanJson, SomaError } from '@soma/core';
import { type Filter, parseFilter } from '@soma/filter';
import type { ListMemories } from './memory-list.schema.js';
import type { MemoryPageRequest } from './memory-repository.js';
import { namesTiers } from './names-tiers.js';

/** Which memories of a namespace a request means. */
export type MemoryConditionsQuery = Pick<
  ListMemories,
  'namespace' | 'memory_type' | 'tag' | 'min_coord' | 'max_coord' | 'filter' | 'slot'
>;

/** @throws SomaError FILTER_INVALID, COORDINATE_INVALID or what JSON is refused for. */
export function memoryConditions(
  query: MemoryConditionsQuery,
): Pick<MemoryPageRequest, 'namespace' | 'memoryType' | 'box' | 'filter' | 'slot' | 'withDerived'> {
  const filters: Filter[] = [];
  if (query.filter !== undefined) filters.push(parseFilter(parseJson(query.filter)));
  if (query.tag !== undefined) filters.push(parseFilter({ tags: query.tag }));
  const [first] = filters;
  const filter: Filter | undefined = filters.length > 1 ? { kind: 'and', filters } : first;
  return {
    namespace: query.namespace,
    memoryType: query.memory_type,
    box: boundingBox(query),
    filter,
    slot: query.slot,
    withDerived: query.memory_type !== undefined || namesTiers(filter),
  };
}

function parseJson(text: string): unknown {
  scanJson(text);
  try {
    return JSON.parse(text);
  } catch {
    throw new SomaError('FILTER_INVALID', 'The parameter "filter" is not JSON.');
  }
}

function boundingBox({ min_coord, max_coord }: MemoryConditionsQuery): MemoryPageRequest['box'] {
  if (min_coord === undefined && max_coord === undefined) return undefined;
  if (min_coord === undefined || max_coord === undefined) {
    throw new SomaError('COORDINATE_INVALID', 'Give both min_coord and max_coord, or neither.');
  }
  const [min, max] = [parseCoordinate(min_coord).values, parseCoordinate(max_coord).values];
  if (min.length !== max.length) {
    throw new SomaError(
      'COORDINATE_INVALID',
      `min_coord has ${min.length} numbers and max_coord ${max.length}; they need as many.`,
    );
  }
  return { min, max };
}
