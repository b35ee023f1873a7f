import type { Memory, StoreMemory } from '@soma/memory';
import type { ExpectedFrom } from './feedback.schema.js';

/** Whether two texts say the same but for case, spaces and the stop at the end. */
export const saysTheSame = (left: string, right: string): boolean => plain(left) === plain(right);

const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .replace(/[\s.!]+$/, '')
    .trim();

/** What happened, and what was expected instead: by who gave feedback, the memory's writer, or a model. */
export interface Misjudged {
  readonly outcome: string;
  readonly expected: string;
  readonly predictedBy?: string;
  readonly expectedFrom: ExpectedFrom;
}

/** The semantic memory that says what happened instead of what `memory` made one expect. */
export function correctionOf(
  memory: Memory,
  { outcome, expected, predictedBy, expectedFrom }: Misjudged,
): StoreMemory {
  return {
    namespace: memory.namespace,
    content: `${outcome}\nExpected instead: ${expected}`,
    payload: {
      outcome,
      expected,
      ...(expectedFrom === 'memory' && { expected_from: expectedFrom }),
      ...(predictedBy !== undefined && { predicted_by: predictedBy }),
    },
    memory_type: 'semantic',
    importance: Math.max(0.5, memory.importance),
    tags: ['correction'],
    metadata: {},
    pinned: false,
    dedup: 'allow',
    ...(memory.session_id !== null && { session_id: memory.session_id }),
    links: [{ to_coord: memory.coordinate, link_type: 'corrects', strength: 1, metadata: {} }],
  };
}
