import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { BackgroundLoop, stoppablePause } from '@soma/core';
import { Consolidator } from './consolidator.js';
import { type DueNamespace, HierarchyStore } from './hierarchy-store.js';
import { SMALL_SPAN_LIMITS } from './span.js';
import { v7 as uuidv7 } from 'uuid';

/** When a namespace is consolidated without being asked to. */
export abstract class ConsolidationPolicy {
  /** So many changes wait. */
  abstract readonly count: number;
  /** One has been waiting so long. */
  abstract readonly ageMs: number;
  /** How often that is looked at; 0: never. */
  abstract readonly intervalMs: number;
}

/** What was done to the nodes of a namespace. */
export interface NodesChanged {
  readonly created: number;
  readonly removed: number;
  /** Whether there is more to do. */
  readonly more: boolean;
}

interface StepTaken {
  readonly made: number;
  readonly removed: number;
  readonly more: boolean;
}

/** Another process is at the namespace. */
const NOTHING_DONE: StepTaken = { made: 0, removed: 0, more: false };

const TAKEN = 16;
/** Longest that one namespace is worked on while others wait. */
const SLICE_MS = 10_000;
/** Rest after a step, by the time it took: so background work has a third of what it could use. */
const REST_SHARE = 2;
const LONGEST_REST_MS = 10_000;

/**
 * Consolidates what is due, in the background, until shutdown. In small steps, with a longer rest after
 * each: requests come first. While it rests nobody holds the turn, so that who asks for a consolidation
 * gets it at once.
 */
@Injectable()
export class ConsolidationRunner implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ConsolidationRunner.name);
  private readonly loop: BackgroundLoop;
  private readonly holder = uuidv7();

  constructor(
    private readonly store: HierarchyStore,
    private readonly consolidator: Consolidator,
    private readonly policy: ConsolidationPolicy,
  ) {
    this.loop = new BackgroundLoop('consolidate', policy.intervalMs);
  }

  /** The first look is an interval after the start, which has other work to do. */
  onApplicationBootstrap(): void {
    if (this.policy.intervalMs > 0) this.loop.start(() => this.step(), { pauseFirst: true });
  }

  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** Works for a while on every namespace that is due now. @returns whether one has more to do. */
  async runOnce(): Promise<boolean> {
    const { count, ageMs } = this.policy;
    let more = false;
    for (const one of await this.store.due(count, ageMs, TAKEN)) {
      if (this.loop.signal.aborted) return more;
      try {
        more = (await this.consolidate(one)).more || more;
      } catch (error) {
        this.loop.failed();
        this.logger.warn({ err: error }, 'A namespace could not be consolidated; it stays marked');
      }
    }
    return more;
  }

  protected async consolidate(due: DueNamespace): Promise<NodesChanged> {
    const until = performance.now() + SLICE_MS;
    const changed = { created: 0, removed: 0, more: true };
    while (changed.more && performance.now() < until && !this.loop.signal.aborted) {
      const began = performance.now();
      const { made, removed, more } = await this.oneStep(due);
      changed.created += made;
      changed.removed += removed;
      changed.more = more;
      const rest = REST_SHARE * (performance.now() - began);
      await stoppablePause(Math.min(rest, LONGEST_REST_MS), this.loop.signal);
    }
    return changed;
  }

  private async oneStep({ scope, namespace }: DueNamespace): Promise<StepTaken> {
    if (!(await this.store.take(scope, namespace, this.holder))) return NOTHING_DONE;
    try {
      const options = { limits: SMALL_SPAN_LIMITS };
      const step = await this.consolidator.step(scope, namespace, this.holder, options);
      return { ...step, more: !step.done && step.lost !== true };
    } finally {
      await this.store.release(scope, namespace, this.holder);
    }
  }

  private async step(): Promise<boolean> {
    try {
      return await this.runOnce();
    } catch (error) {
      this.loop.failed();
      this.logger.error({ err: error }, 'It could not be read what is to be consolidated');
      return false;
    }
  }
}
