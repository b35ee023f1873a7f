import type { MemoryId } from '@soma/core';

/** Postgres arrays read as text, `{1,2}`: the drivers' own parsers take ten times as long. */
const inside = (array: string): string => array.slice(1, -1);

export const numbersOf = (array: string): number[] => JSON.parse(`[${inside(array)}]`) as number[];

export const booleansOf = (array: string): boolean[] =>
  inside(array)
    .split(',')
    .map((letter) => letter === 't');

export const memoryIdsOf = (array: string): MemoryId[] =>
  array === '{}' ? [] : (inside(array).split(',') as MemoryId[]);
