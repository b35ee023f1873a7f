import { Injectable } from '@nestjs/common';
import { derivedTrust, memoryId, SomaError, type TenantScope, UnitOfWork } from '@soma/core';
import { reinforced } from '@soma/hierarchy';
import {
  type Memory,
  type MemoryAddress,
  MemoryDrafter,
  MemoryRepository,
  type MutationOptions,
  type StoreMemory,
  storedMemory,
} from '@soma/memory';
import { correctionOf, type Misjudged } from './correction.js';
import { FeedbackStore } from './feedback-store.js';
import type { FeedbackAnswer, FeedbackList, GiveFeedback } from './feedback.schema.js';
import { Learning } from './learning.js';

/** Of what was expected and happened, did not happen, or nobody knew. */
const WORTH = { true: 1, false: -1, null: 0 } as const;

const MOST_LISTED = 1_000;

/** What a memory's use was worth: its importance follows, and what it got wrong is put right. */
@Injectable()
export class FeedbackService {
  constructor(
    private readonly memories: MemoryRepository,
    private readonly store: FeedbackStore,
    private readonly drafter: MemoryDrafter,
    private readonly unitOfWork: UnitOfWork,
    private readonly learning: Learning,
  ) {}

  /** @throws SomaError MEMORY_NOT_FOUND */
  async give(
    scope: TenantScope,
    address: MemoryAddress,
    feedback: GiveFeedback,
    { claim }: MutationOptions = {},
  ): Promise<FeedbackAnswer> {
    const { outcome } = feedback;
    const seen = found(await this.memories.find(scope, address));
    const judged = await this.learning.judged(scope, seen, feedback);
    const { prediction, expected, predictedBy, correct } = judged;
    const reward = feedback.reward ?? WORTH[`${correct}`];
    const corrected =
      correct === false && outcome !== undefined && expected !== undefined
        ? await this.drafter.draft(scope, [
            await this.correction(scope, seen, {
              outcome,
              expected: expected.text,
              expectedFrom: expected.from,
              predictedBy,
            }),
          ])
        : [];
    return this.unitOfWork.run(scope, claim, async () => {
      const memory = found(await this.memories.find(scope, address, 'for-update'));
      const id = memoryId(memory.id);
      const { rate } = this.learning;
      const given = {
        reward,
        correct,
        expected_from: expected?.from ?? null,
        predicted_by: predictedBy ?? null,
        learning_rate: rate,
        importance_before: memory.importance,
        importance_after: reinforced(memory.importance, { reward, learningRate: rate }),
      };
      if (given.importance_after !== memory.importance) {
        await this.memories.update(scope, id, { importance: given.importance_after });
      }
      const [stored] = corrected.length === 0 ? [] : await this.memories.store(scope, corrected);
      const { namespace } = memory;
      await this.store.add(scope, { id, namespace }, given);
      const correction = stored ? storedMemory(stored) : null;
      return { id, ...given, expected: expected?.text ?? null, prediction, correction };
    });
  }

  /** What is stored when something else happened than `memory` made one expect. */
  protected correction(scope: TenantScope, memory: Memory, said: Misjudged): Promise<StoreMemory> {
    const correction = correctionOf(memory, said);
    // It repeats the words of the memory's writer, who may be trusted less.
    const trust = derivedTrust([memory, scope.writer]);
    return Promise.resolve(said.expectedFrom === 'memory' ? { ...correction, trust } : correction);
  }

  /** Replayed in order it gives the importance. @throws SomaError MEMORY_NOT_FOUND */
  async list(scope: TenantScope, address: MemoryAddress): Promise<FeedbackList> {
    const { id } = found(await this.memories.find(scope, address));
    return { feedback: await this.store.list(scope, memoryId(id), MOST_LISTED) };
  }
}

function found(memory: Memory | undefined): Memory {
  if (memory) return memory;
  throw new SomaError('MEMORY_NOT_FOUND', 'There is no memory of that address.');
}
