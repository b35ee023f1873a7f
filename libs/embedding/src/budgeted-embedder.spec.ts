import { setTimeout as sleep } from 'node:timers/promises';
import { SomaError, tenantId, TenantScope } from '@soma/core';
import { BudgetedEmbedder } from './budgeted-embedder.js';
import { Embedder } from './embedder.js';
import { ProviderFault } from './provider-fault.js';

// Claims about time: the machine may stall, so each may be shown in one of three tries, and every failure is printed.
import.meta.jest.retryTimes(2, { logErrorsBeforeRetry: true });

const SCOPE = TenantScope.of(tenantId('018f0000-0000-7000-8000-000000000001'));
const BUDGET_MS = 120;

/** Answers each call as told; a vector is the length of its text. */
class TestEmbedder extends Embedder {
  readonly model = 'm';
  readonly dimension = 1;
  readonly isSemantic = true;
  calls = 0;
  behave: (call: number) => Promise<void> = () => Promise.resolve();

  async embed(_scope: TenantScope, texts: readonly string[]): Promise<Float32Array[]> {
    this.calls += 1;
    await this.behave(this.calls);
    return texts.map(({ length }) => Float32Array.of(length));
  }
}

const silence = (): Promise<void> => new Promise(() => {});
const textsOf = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => 'x'.repeat(at));

describe(BudgetedEmbedder.name, () => {
  let provider: TestEmbedder;
  let changes: boolean[];
  let sut: BudgetedEmbedder;

  beforeEach(() => {
    provider = new TestEmbedder();
    changes = [];
    sut = new BudgetedEmbedder(provider, {
      budgetMs: BUDGET_MS,
      probeMs: BUDGET_MS,
      probe: async () => void (await provider.embed(SCOPE, ['probe'])),
      pauseMs: 40,
      onBreaker: (isOpen) => changes.push(isOpen),
    });
  });
  afterEach(() => sut.close());

  const failureOf = async (count = 1): Promise<{ error: unknown; ms: number }> => {
    const started = performance.now();
    const error: unknown = await sut.embed(SCOPE, textsOf(count)).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return { error, ms: performance.now() - started };
  };

  it.each([0, 1, 32, 33, 500])('gives the vectors of %d texts in their order', async (count) => {
    const vectors = await sut.embed(SCOPE, textsOf(count));
    expect(vectors.map(([length]) => length)).toEqual(textsOf(count).map((_, at) => at));
  });

  it('waits for many texts longer than its budget while vectors keep coming', async () => {
    provider.behave = () => sleep(BUDGET_MS * 0.6);
    const started = performance.now();
    expect(await sut.embed(SCOPE, textsOf(500))).toHaveLength(500);
    expect(performance.now() - started).toBeGreaterThan(BUDGET_MS * 2);
    expect(changes).toEqual([]);
  });

  it('gives up its budget after the last vector came', async () => {
    provider.behave = (call) => (call > 4 ? silence() : Promise.resolve());
    const { error, ms } = await failureOf(500);
    expect(error).toMatchObject({ code: 'EMBEDDING_UNAVAILABLE' });
    expect(ms).toBeLessThan(BUDGET_MS * 2.5);
  });

  it('waits for a silent provider twice, and then not at all', async () => {
    provider.behave = silence;
    for (let number = 0; number < 2; number++) await failureOf();
    const calls = provider.calls;
    for (let number = 0; number < 20; number++) {
      const { error, ms } = await failureOf();
      expect(error).toMatchObject({ code: 'EMBEDDING_UNAVAILABLE' });
      expect(ms).toBeLessThan(BUDGET_MS / 2);
    }
    expect(provider.calls - calls).toBeLessThan(20);
    expect(changes).toEqual([true]);
  });

  it('asks again once a try in the background has succeeded', async () => {
    provider.behave = silence;
    for (let number = 0; number < 2; number++) await failureOf();
    provider.behave = () => Promise.resolve();
    for (let tries = 0; tries < 100 && changes.length < 2; tries++) await sleep(10);
    expect(await sut.embed(SCOPE, ['abc'])).toEqual([Float32Array.of(3)]);
  });

  it('keeps asking a provider that refuses one text', async () => {
    const refusal = new ProviderFault('too long');
    provider.behave = () => Promise.reject(refusal.toSomaError());
    for (let number = 0; number < 5; number++) {
      expect((await failureOf()).error).toBeInstanceOf(SomaError);
    }
    expect(provider.calls).toBe(5);
    expect(changes).toEqual([]);
  });
});
