import { parseCoordinate, type TenantScope } from '@soma/core';
import { type Memory, patchMemorySchema, type StoreMemory, storeMemorySchema } from '@soma/memory';
import { z } from 'zod';
import type { StoreDraft } from './extension.js';
import { type Extensions, Refused } from './extensions.js';

export const refusalSchema = z.strictObject({ refuse: z.string().min(1).max(500) });

/** @throws Refused when the answer is a refusal. @returns the answer otherwise. */
export function heeded(answer: unknown): unknown {
  const refusal = refusalSchema.safeParse(answer);
  if (refusal.success) throw new Refused(refusal.data.refuse);
  return answer;
}

const RULINGS = {
  store: z.strictObject({ memory: storeMemorySchema }),
  update: z.strictObject({ changes: patchMemorySchema }),
};

/**
 * What is stored instead of what a client sent: it may say something else, but not in another place.
 * Whatever the token may not do is refused later, of a hook's memory as of a client's.
 * @throws SomaError EXTENSION_REFUSED or EXTENSION_FAILED.
 */
export async function admitted<Draft extends StoreDraft>(
  extensions: Extensions,
  scope: TenantScope,
  draft: Draft,
): Promise<Draft> {
  return extensions.before('beforeStore', scope, draft, (current, answer) => {
    const ruling = RULINGS[current.kind].parse(heeded(answer));
    if (current.kind === 'store' && 'memory' in ruling) assertPlace(current.memory, ruling.memory);
    return { ...current, ...ruling };
  });
}

function assertPlace(from: StoreMemory, to: StoreMemory): void {
  if (from.namespace !== to.namespace || placeOf(from) !== placeOf(to)) {
    throw new Error('beforeStore may not change "namespace" or "coord".');
  }
}

const placeOf = ({ coord }: StoreMemory): string | undefined =>
  coord === undefined ? undefined : parseCoordinate(coord).text;

/** Tells of memories that can be found; those in quarantine cannot. */
export function tellStored(
  extensions: Extensions,
  scope: TenantScope,
  all: readonly (Memory | null | undefined)[],
): void {
  const memories = all.filter((memory) => memory && !memory.quarantined);
  if (memories.length > 0) extensions.after('afterStore', scope, { memories });
}
