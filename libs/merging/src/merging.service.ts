import { Injectable } from '@nestjs/common';
import {
  Clock,
  decodeCursor,
  encodeCursor,
  isCanonicalTime,
  type PageEnd,
  type TenantScope,
  UnitOfWork,
} from '@soma/core';
import { Embedders } from '@soma/embedding';
import type { MutationOptions } from '@soma/memory';
import {
  type DuplicateCluster,
  type Duplicates,
  type FindDuplicates,
  SHOWN_CHARACTERS,
} from './duplicates.schema.js';
import { planMerges } from './merge-plan.js';
import { type Merge, type MergeCandidate, MergeStore } from './merge-store.js';
import { Neighbours } from './neighbours.js';

/** Less than any id. */
const FIRST = '00000000-0000-0000-0000-000000000000';

/** Finds memories of a namespace that say the same, step by step, and merges them if asked to. */
@Injectable()
export class MergingService {
  constructor(
    private readonly store: MergeStore,
    private readonly neighbours: Neighbours,
    private readonly embedders: Embedders,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /**
   * One step, in the order in which memories were last changed; each is compared with what was
   * changed before it. A run that merges needs a token of the whole tenant: links reach across
   * namespaces.
   * @throws SomaError NAMESPACE_FORBIDDEN, CURSOR_INVALID or DEPENDENCY_UNAVAILABLE.
   */
  async step(
    scope: TenantScope,
    request: FindDuplicates,
    { claim }: MutationOptions = {},
  ): Promise<Duplicates> {
    scope.assertNamespace(request.namespace);
    if (!request.dry_run) scope.assertWholeTenant();
    const { cursor: _cursor, limit: _limit, ...asked } = request;
    const question = { tenant: scope.tenantId, ...asked };
    const after = startOf(request, question);
    if (request.dry_run) return (await this.plan(scope, request, { after, question })).answer();
    // Outside of the transaction: the index may take its time, and what changed meanwhile is left.
    const planned = await this.plan(scope, request, { after, question });
    return this.unitOfWork.run(scope, claim, async () => {
      const { merges } = planned;
      return planned.answer(
        merges.length === 0
          ? []
          : await this.store.merge(scope, request.namespace, merges, this.clock.now()),
      );
    });
  }

  private async plan(
    scope: TenantScope,
    { namespace, limit, min_cosine: minCosine, min_words: minWords, dry_run }: FindDuplicates,
    { after, question }: { readonly after: PageEnd | undefined; readonly question: object },
  ) {
    const { model } = this.embedders.active();
    const of = { namespace, model };
    const page = await this.store.page(scope, { ...of, after, limit });
    const last = page.at(-1);
    const withVector = page.filter(({ vector }) => vector.length > 0);
    const inPage = new Set(page.map(({ id }) => id));
    const ids = (await this.neighbours.of(scope, of, withVector, minCosine)).filter(
      (id) => !inPage.has(id),
    );
    const found = await this.store.candidates(scope, { ...of, ids });
    const near = found.filter((candidate) => last && isNotAfter(candidate, last));
    const candidates = [...page, ...near].map(({ id }) => id);
    const behind = await this.store.behind(scope, { ...of, ids: candidates });
    const merges = planMerges({ page, near, behind }, { minCosine, minWords });
    const answer = (done: readonly Merge[] = merges): Duplicates => ({
      dry_run,
      looked_at: page.length,
      looked_up_to: last?.updatedAt.toISOString() ?? null,
      merged: done.reduce((sum, { members }) => sum + members.length, 0),
      clusters: done.map(clusterOf),
      next_cursor:
        last && page.length === limit
          ? encodeCursor({ value: last.updatedAt.toISOString(), id: last.id }, question)
          : null,
    });
    return { merges, answer };
  }
}

function startOf({ cursor, since }: FindDuplicates, question: object): PageEnd | undefined {
  if (cursor === undefined) return since === undefined ? undefined : { value: since, id: FIRST };
  return decodeCursor(cursor, question, (value) => isCanonicalTime(String(value)));
}

const isNotAfter = (candidate: MergeCandidate, last: MergeCandidate): boolean =>
  candidate.updatedAt < last.updatedAt ||
  (candidate.updatedAt.getTime() === last.updatedAt.getTime() && candidate.id <= last.id);

const clusterOf = ({ kept, members }: Merge): DuplicateCluster => ({
  kept: shown(kept),
  members: members.map(({ candidate, cosine, words }) => ({
    ...shown(candidate),
    cosine,
    shared_words: words,
  })),
});

const shown = ({ id, coordinate, content, createdAt }: MergeCandidate) => ({
  id,
  coordinate,
  content: content.slice(0, SHOWN_CHARACTERS),
  created_at: new Date(createdAt).toISOString(),
});
