import { FlatVectorIndex } from '@soma/vector-index';
import type { VectorIndex } from '@soma/vector-index';
import type { VectorKind } from './corpus.ts';
import type { Tenant } from './tenant.ts';

/** An index in one of the states in which it answers. */
export interface Stage {
  /** As printed, such as `Milvus, just written`. */
  readonly name: string;
  readonly index: VectorIndex;
}

/** What holds the same vectors as every other candidate. */
export interface Candidate {
  /** Larger tenants are not given to it. */
  readonly mostMemories: number;
  /** Stores all tenants' vectors, then brings the index from state to state. */
  stages(tenants: readonly Tenant[], kind: VectorKind): AsyncIterable<Stage>;
  close(): Promise<void>;
}

/** Exact search in process, as the embedded stack has it. */
export class FlatCandidate implements Candidate {
  readonly mostMemories = Infinity;

  async *stages(tenants: readonly Tenant[]): AsyncGenerator<Stage> {
    const index = new FlatVectorIndex();
    for (const { scope, entries } of tenants) await index.insert(scope, entries);
    yield { name: 'flat', index };
    await index.close();
  }

  async close(): Promise<void> {}
}
