import { episode } from '../consolidate/episodes.ts';
import type { NewMemory } from '../contract.ts';

/** Of so many additions one says again what is there. */
const ONE_IN = 5;

export interface Additions {
  readonly memories: readonly NewMemory[];
  /** Episodes among them that are not there yet: numbers from that of the first on. */
  readonly episodes: number;
}

/** New episodes and, in other letters, some of the old: these from all over what is there. */
export function additions(there: number, more: number): Additions {
  const repeated = Math.min(there, Math.floor(more / ONE_IN));
  const episodes = more - repeated;
  const memories = Array.from({ length: episodes }, (_, at) => episode(there + at));
  const again = Array.from({ length: repeated }, (_, at) => {
    const old = episode(Math.floor((at * there) / repeated));
    return { ...old, content: old.content?.toUpperCase() };
  });
  return { memories: [...memories, ...again], episodes };
}
