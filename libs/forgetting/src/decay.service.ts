import { Injectable } from '@nestjs/common';
import {
  decodeCursor,
  encodeCursor,
  isCanonicalTime,
  memoryId,
  type TenantScope,
  UnitOfWork,
} from '@soma/core';
import { DAY_MS } from '@soma/hierarchy';
import { MemoryRepository, type MutationOptions } from '@soma/memory';
import { Metrics } from '@soma/observability';
import { type DecayCandidate, decayOf, thresholdOf, withoutKeys } from './decay-plan.js';
import { DecayPolicyService } from './decay-policy.service.js';
import type { DecayPolicy } from './decay-policy.schema.js';
import { DecayStore } from './decay-store.js';
import type { DecayedMemory, DecayStep, RunDecay } from './decay.schema.js';

interface Planned {
  readonly decayed: readonly DecayedMemory[];
  readonly candidates: readonly DecayCandidate[];
  readonly last: string | undefined;
}

interface Question {
  readonly request: Pick<RunDecay, 'namespace' | 'limit'>;
  readonly at: Date;
  readonly policy: DecayPolicy;
  readonly after: string | undefined;
}

/** What decays, step by step: the same plan whether it is carried out or only asked for. */
@Injectable()
export class DecayService {
  constructor(
    private readonly store: DecayStore,
    private readonly policies: DecayPolicyService,
    private readonly memories: MemoryRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly metrics: Metrics,
  ) {}

  /**
   * One step. A run that changes something needs a token of the whole tenant: links reach across
   * namespaces.
   * @throws SomaError DECAY_POLICY_MISSING, NAMESPACE_FORBIDDEN or CURSOR_INVALID.
   */
  async step(
    scope: TenantScope,
    request: RunDecay,
    { claim }: MutationOptions = {},
  ): Promise<DecayStep> {
    if (request.namespace === undefined || !request.dry_run) scope.assertWholeTenant();
    if (request.namespace !== undefined) scope.assertNamespace(request.namespace);
    const policy = request.policy ?? (await this.policies.needed(scope));
    const asked = [scope.tenantId, request.namespace ?? null, request.dry_run, request.at, policy];
    const after =
      request.cursor === undefined
        ? undefined
        : decodeCursor(request.cursor, asked, (value) => isCanonicalTime(String(value)));
    const at = request.dry_run ? this.momentOf(request, after?.value) : this.policies.now();
    const question = { request, at, policy, after: after?.id };
    const answer = ({ decayed, last }: Pick<Planned, 'decayed' | 'last'>): DecayStep => ({
      at: at.toISOString(),
      dry_run: request.dry_run,
      archived: decayed.filter(({ action }) => action === 'archive').length,
      fields: decayed.filter(({ action }) => action === 'fields').length,
      memories: [...decayed],
      next_cursor:
        last === undefined ? null : encodeCursor({ value: at.toISOString(), id: last }, asked),
    });
    if (request.dry_run) return answer(await this.plan(scope, question));
    const step = await this.unitOfWork.run(scope, claim, async () =>
      answer(await this.carryOut(scope, question)),
    );
    this.metrics.forgotten.inc({ how: 'archived' }, step.archived);
    this.metrics.forgotten.inc({ how: 'fields' }, step.fields);
    return step;
  }

  /** All pages of a dry run are of one moment. */
  private momentOf({ at }: RunDecay, first: string | number | undefined): Date {
    if (at !== undefined) return new Date(at);
    return first === undefined ? this.policies.now() : new Date(first);
  }

  private async plan(
    scope: TenantScope,
    { request, at, policy, after }: Question,
    lock?: 'for-update',
  ): Promise<Planned> {
    const thresholds = [...policy.levels, ...(policy.prune ? [policy.prune] : [])].map(thresholdOf);
    if (thresholds.length === 0) return { decayed: [], candidates: [], last: undefined };
    const { namespace, limit } = request;
    const halfLives = this.policies.halfLivesOf(policy);
    const question = { at, halfLives, thresholds, namespace, after, limit };
    const candidates = await this.store.candidates(scope, question, lock);
    return {
      candidates,
      decayed: candidates.flatMap((candidate) => decayOf(candidate, policy) ?? []),
      last: candidates.length < limit ? undefined : candidates.at(-1)?.id,
    };
  }

  private async carryOut(scope: TenantScope, question: Question): Promise<Planned> {
    const planned = await this.plan(scope, question, 'for-update');
    const { decayed, candidates } = planned;
    const { at, policy } = question;
    const times = { at, purgeAt: new Date(at.getTime() + policy.archive_days * DAY_MS) };
    const pruned = decayed.filter(({ action }) => action === 'archive');
    if (pruned.length > 0) await this.store.archive(scope, pruned, times);
    const faded = decayed.filter(({ action }) => action === 'fields');
    const byId = new Map(candidates.map((candidate) => [candidate.id, candidate]));
    const noted = [];
    for (const { id, payload_keys: payloadKeys, metadata_keys: metadataKeys } of faded) {
      const memory = byId.get(id);
      if (!memory) throw new Error('A memory decays that was no candidate.');
      await this.memories.update(scope, memoryId(id), {
        ...(payloadKeys.length > 0 && { payload: withoutKeys(memory.payload, payloadKeys) }),
        ...(metadataKeys.length > 0 && { metadata: withoutKeys(memory.metadata, metadataKeys) }),
      });
      const { namespace, version } = memory;
      noted.push({ memoryId: id, namespace, version, payloadKeys, metadataKeys });
    }
    if (noted.length > 0) await this.store.noteFields(scope, noted, times);
    return planned;
  }
}
