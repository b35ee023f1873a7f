import { Inject, Injectable } from '@nestjs/common';
import type { TenantScope } from '@soma/core';
import {
  type FeedbackAnswer,
  FeedbackService,
  type GiveFeedback,
  type Misjudged,
} from '@soma/forgetting';
import type { Memory, MemoryAddress, MutationOptions, StoreMemory } from '@soma/memory';
import { Extensions } from './extensions.js';
import { admitted, tellStored } from './store-hooks.js';

/** What feedback stores says what a client said: it is a store like any other. */
@Injectable()
export class ExtendedFeedbackService extends FeedbackService {
  @Inject(Extensions) private readonly extensions!: Extensions;

  override async give(
    scope: TenantScope,
    address: MemoryAddress,
    feedback: GiveFeedback,
    options: MutationOptions = {},
  ): Promise<FeedbackAnswer> {
    const answer = await super.give(scope, address, feedback, options);
    tellStored(this.extensions, scope, [answer.correction]);
    return answer;
  }

  protected override async correction(
    scope: TenantScope,
    about: Memory,
    said: Misjudged,
  ): Promise<StoreMemory> {
    const memory = await super.correction(scope, about, said);
    return (await admitted(this.extensions, scope, { kind: 'store', memory })).memory;
  }
}
