import { setTimeout as sleep } from 'node:timers/promises';
import type { TenantScope } from '@soma/core';
import { HashEmbedder } from '@soma/embedding';
import { ConsolidationPolicy, ConsolidationRunner } from './consolidation-runner.js';
import { Consolidator, type Step } from './consolidator.js';
import { ExtractiveDigester } from './extractive-digester.js';
import { InMemoryHierarchy } from './in-memory-hierarchy.fixture.js';
import { NodeMaker } from './node-maker.js';
import { OneEmbedder } from './one-embedder.fixture.js';
import { SMALL_SPAN_LIMITS, type SpanOptions } from './span.js';

const STEP_MS = 20;

/** Takes 20 ms a step, so many steps. */
class Steps extends Consolidator {
  readonly begun: { at: number; namespace: string; limits: SpanOptions['limits'] }[] = [];
  left = 3;

  constructor(turns: InMemoryHierarchy) {
    const embedders = new OneEmbedder(new HashEmbedder(8));
    super(turns, new NodeMaker(turns, new ExtractiveDigester(), embedders));
  }

  override async step(
    _scope: TenantScope,
    namespace: string,
    _holder: string,
    { limits }: SpanOptions,
  ): Promise<Step> {
    this.begun.push({ at: performance.now(), namespace, limits });
    await sleep(STEP_MS);
    this.left -= 1;
    return { done: this.left <= 0, made: 1, removed: 0 };
  }
}

/** Keeps when a turn was taken and given back. */
class WatchedTurns extends InMemoryHierarchy {
  readonly moves: { kind: 'taken' | 'released'; at: number }[] = [];

  override take(scope: TenantScope, namespace: string, holder: string): Promise<boolean> {
    this.moves.push({ kind: 'taken', at: performance.now() });
    return super.take(scope, namespace, holder);
  }

  override release(scope: TenantScope, namespace: string): Promise<void> {
    this.moves.push({ kind: 'released', at: performance.now() });
    return super.release(scope, namespace);
  }
}

const policy = (intervalMs: number): ConsolidationPolicy => ({ count: 1, ageMs: 0, intervalMs });

describe(ConsolidationRunner.name, () => {
  it('takes small steps, and rests after each for twice the time that it took', async () => {
    const turns = new InMemoryHierarchy();
    const steps = new Steps(turns);
    expect(await new ConsolidationRunner(turns, steps, policy(0)).runOnce()).toBe(false);
    expect(steps.begun).toHaveLength(3);
    expect(steps.begun[0]?.limits).toEqual(SMALL_SPAN_LIMITS);
    const [first, second] = steps.begun;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(3 * STEP_MS - 5);
  });

  it('does not keep the turn while it rests', async () => {
    const turns = new WatchedTurns();
    await new ConsolidationRunner(turns, new Steps(turns), policy(0)).runOnce();
    const kinds = turns.moves.map(({ kind }) => kind);
    expect(kinds).toEqual(['taken', 'released', 'taken', 'released', 'taken', 'released']);
    const [, released, taken] = turns.moves;
    expect((taken?.at ?? 0) - (released?.at ?? 0)).toBeGreaterThanOrEqual(2 * STEP_MS - 5);
  });

  it('leaves a namespace to another that has the turn, and goes on with the next', async () => {
    const turns = new InMemoryHierarchy();
    turns.namespaces = ['held', 'free'];
    turns.held.set('held', 'another');
    const steps = new Steps(turns);
    await new ConsolidationRunner(turns, steps, policy(0)).runOnce();
    expect(new Set(steps.begun.map(({ namespace }) => namespace))).toEqual(new Set(['free']));
    expect(turns.held.get('held')).toBe('another');
  });

  it('ends at shutdown, in the middle of a rest', async () => {
    const turns = new InMemoryHierarchy();
    const steps = new Steps(turns);
    steps.left = 1_000;
    const sut = new ConsolidationRunner(turns, steps, policy(1));
    sut.onApplicationBootstrap();
    await sleep(STEP_MS * 3);
    await sut.onApplicationShutdown();
    const { length } = steps.begun;
    expect(length).toBeGreaterThan(0);
    await sleep(STEP_MS * 4);
    expect(steps.begun).toHaveLength(length);
  });
});
