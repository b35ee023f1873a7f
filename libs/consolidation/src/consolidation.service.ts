import { Injectable } from '@nestjs/common';
import { Clock, type TenantScope } from '@soma/core';
import { v7 as uuidv7 } from 'uuid';
import { Consolidator } from './consolidator.js';
import { HierarchyStore } from './hierarchy-store.js';
import type { Consolidate, Consolidated } from './hierarchy.schema.js';

/** Longest that one request works, and waits for another that does. */
const BUDGET_MS = 15_000;
const POLL_MS = 100;

type OfNamespace = Consolidated['namespaces'][number];

/** Consolidates when asked to. */
@Injectable()
export class ConsolidationService {
  constructor(
    private readonly store: HierarchyStore,
    private readonly consolidator: Consolidator,
    private readonly clock: Clock,
  ) {}

  /** Asked twice it does nothing the second time: what is done is not marked any more. */
  async consolidate(
    scope: TenantScope,
    { namespace, window_seconds: seconds }: Consolidate,
  ): Promise<Consolidated> {
    if (namespace !== undefined) scope.assertNamespace(namespace);
    const since = new Date(this.clock.now().getTime() - seconds * 1000);
    const until = performance.now() + BUDGET_MS;
    const namespaces: OfNamespace[] = [];
    let done = true;
    for (const name of namespace === undefined ? await this.store.marked(scope) : [namespace]) {
      const { finished, ...one } = await this.one(scope, name, since, until);
      // One that is not there, or in which nothing is to be done, is told alike: not at all.
      if (!finished || one.created + one.removed + one.waiting > 0) namespaces.push(one);
      done &&= finished;
    }
    return {
      namespaces,
      created: namespaces.reduce((sum, { created }) => sum + created, 0),
      removed: namespaces.reduce((sum, { removed }) => sum + removed, 0),
      done,
    };
  }

  private async one(
    scope: TenantScope,
    namespace: string,
    since: Date,
    until: number,
  ): Promise<OfNamespace & { finished: boolean }> {
    const holder = uuidv7();
    let [created, removed, finished] = [0, 0, false];
    if (await this.taken(scope, namespace, holder, until)) {
      try {
        while (!finished && performance.now() < until) {
          const step = await this.consolidator.step(scope, namespace, holder, { since });
          created += step.made;
          removed += step.removed;
          if (step.lost) break;
          finished = step.done;
        }
      } finally {
        await this.store.release(scope, namespace, holder);
      }
    }
    const { all } = await this.store.waiting(scope, namespace);
    return { namespace, created, removed, waiting: all, finished };
  }

  private async taken(
    scope: TenantScope,
    namespace: string,
    holder: string,
    until: number,
  ): Promise<boolean> {
    while (!(await this.store.take(scope, namespace, holder))) {
      if (performance.now() >= until) return false;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return true;
  }
}
