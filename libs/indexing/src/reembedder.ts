import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { BackgroundLoop, stoppablePause } from '@soma/core';
import { Embedders } from '@soma/embedding';
import { VectorIndex } from '@soma/vector-index';
import { v7 as uuidv7 } from 'uuid';
import { type BuildRun, ModelBuilder } from './model-builder.js';
import { ModelDropper } from './model-dropper.js';
import { ModelStore, type UsedModel } from './model-store.js';
import { LEAST_RECALL, RecallGate } from './recall-gate.js';

const POLL_MS = 500;
/** Longer than a page of texts may take. */
const LEASE_MS = 45_000;
/** Longer than a process goes by what it read of the models. */
const SWITCHING_MS = 3_000;
/** An index whose oldest task is younger keeps up with the writers. */
const KEEPS_UP_SECONDS = 5;
const VISIBLE_MARGIN_MS = 1_000;
const GATE_TRIES = 3;
/** Longer than a search, or than a batch of index tasks, takes. */
const DROP_AFTER_MS = 30_000;

/** The work has become another process', or nobody's. */
class WorkLost extends Error {}

/** What it is made of. */
@Injectable()
export class ReembedSteps {
  constructor(
    readonly builder: ModelBuilder,
    readonly gate: RecallGate,
    readonly dropper: ModelDropper,
  ) {}
}

/**
 * Brings models from state to state in the background, until shutdown. Whatever it was doing when it
 * ended, itself or another process goes on with, once its lease is over.
 */
@Injectable()
export class Reembedder implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(Reembedder.name);
  private readonly loop = new BackgroundLoop('reembed', POLL_MS);
  private readonly holder = uuidv7();
  /** The switch for which all memories were looked through. */
  private checked: string | undefined;

  constructor(
    private readonly store: ModelStore,
    private readonly steps: ReembedSteps,
    private readonly embedders: Embedders,
    private readonly index: VectorIndex,
  ) {}

  onApplicationBootstrap(): void {
    this.loop.start(() => this.tend());
  }

  /** Waits for the page under way. */
  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  private async tend(): Promise<boolean> {
    await this.step().catch((error: unknown) => {
      if (error instanceof WorkLost || this.loop.signal.aborted) return;
      this.loop.failed();
      this.logger.warn({ err: error }, 'Work on an embedding model failed; going on');
    });
    return false;
  }

  private async step(): Promise<void> {
    for (const used of await this.store.all()) {
      if (used.state === 'ready' && used.switchWhenReady) {
        await this.store.move(used.model, 'ready', 'switching');
      }
      if (!isWork(used) || !(await this.hold(used))) continue;
      await this.advance(used);
    }
  }

  private async advance(used: UsedModel): Promise<void> {
    const run = this.runOf(used);
    if (used.state === 'building') await this.build(used, run);
    else if (used.state === 'switching') await this.switch(used, run);
    else if (used.state === 'dropping') await this.steps.dropper.clear(used.model, run);
    else if (used.state === 'dropped') await this.steps.dropper.forget(used);
  }

  private async build({ model }: UsedModel, run: BuildRun): Promise<void> {
    while ((await this.steps.builder.pass(model, run)) > 0);
    for (;;) {
      const { entries, oldestSeconds } = await this.store.backlog(model);
      if (entries === 0 || oldestSeconds < KEEPS_UP_SECONDS) break;
      await run.keep({ detail: `Waiting for the index: ${entries} entries to go.` });
      await run.pause(POLL_MS);
    }
    await run.keep({ detail: 'Waiting until all entries can be searched.' });
    await run.pause(this.index.visibilityLagMs + VISIBLE_MARGIN_MS);
    await this.judge(model, run);
  }

  private async judge(model: string, run: BuildRun): Promise<void> {
    for (let tries = 1; tries <= GATE_TRIES; tries += 1) {
      await run.keep({ detail: 'Comparing the index with exact search.' });
      const { recall, queries } = await this.steps.gate.measure(model, {
        keep: () => run.keep(),
      });
      const figure = `recall@10 ${recall.toFixed(4)} against exact search on ${queries} queries`;
      const isGood = recall >= LEAST_RECALL;
      await run.keep({
        recall,
        detail: isGood ? figure : `Not switched to: ${figure}, least ${LEAST_RECALL}.`,
      });
      if (isGood) {
        await this.store.move(model, 'building', 'ready');
        this.logger.log(`The embedding model ${model} is ready: ${figure}`);
        return;
      }
      // The index may still be sorting in what it was just given.
      if (tries < GATE_TRIES) await run.pause(VISIBLE_MARGIN_MS * 2);
    }
    await this.store.move(model, 'building', 'refused');
    this.logger.error(`The index of the embedding model ${model} finds too little`);
  }

  /** By now every process makes this model's vectors before it commits a write. */
  private async switch(used: UsedModel, run: BuildRun): Promise<void> {
    const { model, changedAt, sinceMs } = used;
    if (sinceMs < SWITCHING_MS) return;
    const key = `${model} ${changedAt.toISOString()}`;
    if (this.checked !== key && (await this.steps.builder.pass(model, run)) > 0) return;
    this.checked = key;
    if (!(await this.store.activate(model))) {
      const { texts } = await this.store.backlog(model);
      await run.keep({ detail: `Waiting for the vectors of ${texts} memories.` });
      return;
    }
    await this.embedders.refresh();
    this.logger.log(`Searches use the embedding model ${model} from now on`);
  }

  private runOf(used: UsedModel): BuildRun {
    return {
      keep: async (progress) => {
        if (this.loop.signal.aborted) throw new WorkLost();
        if (!(await this.hold(used, progress))) throw new WorkLost();
      },
      pause: (ms) => stoppablePause(ms, this.loop.signal),
    };
  }

  private hold(used: UsedModel, progress?: Parameters<ModelStore['hold']>[2]): Promise<boolean> {
    return this.store.hold(used, { holder: this.holder, leaseMs: LEASE_MS }, progress);
  }
}

function isWork({ state, sinceMs }: UsedModel): boolean {
  if (state === 'dropping' || state === 'dropped') return sinceMs >= DROP_AFTER_MS;
  return state === 'building' || state === 'switching';
}
