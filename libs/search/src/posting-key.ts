import { type MemoryId, memoryId } from '@soma/core';

declare const postingKey: unique symbol;
/** A memory's id as postings are packed: 32 hexadecimal digits, no dashes. */
export type PostingKey = string & { readonly [postingKey]: true };

export const postingKeyOf = (id: MemoryId): PostingKey => id.replaceAll('-', '') as PostingKey;

export function memoryIdOfKey(key: PostingKey): MemoryId {
  const part = key.slice.bind(key);
  return memoryId(`${part(0, 8)}-${part(8, 12)}-${part(12, 16)}-${part(16, 20)}-${part(20)}`);
}
