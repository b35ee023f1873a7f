import { readFileSync } from 'node:fs';
import type { Link, NewMemory } from '../test/bench/contract.ts';

export interface History {
  namespace: string;
  memories: NewMemory[];
  links: Link[];
}

/** The agent's history beside this file; every memory and link is given the namespace. */
export function readHistory(): History {
  const path = new URL('agent-history.json', import.meta.url);
  const { namespace, memories, links } = JSON.parse(readFileSync(path, 'utf8')) as History;
  return {
    namespace,
    memories: memories.map((memory) => ({ ...memory, namespace })),
    links: links.map((link) => ({ ...link, namespace })),
  };
}
