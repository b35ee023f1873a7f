import type { NewMemory } from '../contract.ts';
import { Workload } from '../operations/workload.ts';
import { memoryOf, readDataset } from '../retrieval/dataset.ts';

export const NAMESPACE = 'search';

export interface Texts {
  memories: NewMemory[];
  queries: string[];
}

/** Made-up texts with sessions and links. */
export function madeUpTexts(n: number, q: number): Texts {
  const workload = new Workload(1);
  return {
    memories: Array.from({ length: n }, () => ({ ...workload.add().memory, namespace: NAMESPACE })),
    queries: Array.from({ length: q }, () => workload.query().text),
  };
}

/** A set's documents in one namespace, over again with other sessions until there are `n`. */
export function textsOf(folder: string, n: number, q: number): Texts {
  const { docs, queries } = readDataset(folder);
  const memories = docs.map(memoryOf);
  const every = Math.max(1, Math.floor(queries.length / q));
  return {
    memories: Array.from({ length: n }, (_, at) => {
      const memory = memories[at % memories.length];
      if (!memory) throw new Error(`${folder} holds no documents`);
      const session = `${memory.namespace}/${memory.session_id}/${Math.floor(at / memories.length)}`;
      return { ...memory, namespace: NAMESPACE, session_id: session };
    }),
    queries: queries
      .filter((_, at) => at % every === 0)
      .slice(0, q)
      .map(({ text }) => text),
  };
}
