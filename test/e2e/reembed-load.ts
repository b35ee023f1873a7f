import { setTimeout as sleep } from 'node:timers/promises';
import { memoryId, type MemoryId } from '@soma/core';
import type { Memory } from '@soma/memory';
import type { SearchResponse } from '@soma/search';
import { BACKWARDS, type EmbeddingProvider } from './embedding-provider.js';
import type { Client } from './service.js';

const MODELS = ['spelling', BACKWARDS] as const;
type Model = (typeof MODELS)[number];

/** Rounding, and the index' own arithmetic. */
const SCORE_ERROR = 2e-3;

const WORDS = Array.from({ length: 300 }, (_, n) => `w${(n * 7_919 + 11).toString(36)}q`);
export const textOf = (number: number): string =>
  Array.from({ length: 6 }, (_, at) => WORDS[(number * 31 + at * at * 17 + at) % 300]).join(' ') +
  ` ${number}`;

/** Like a stored text, and never the same. */
const QUERIES = 100;
const queryOf = (number: number): string => `${textOf(number * 5)}?`;

/** What was seen while searches, stores, changes and deletions went on. */
export interface LoadReport {
  searches: number;
  failed: string[];
  partial: number;
  /** Answers whose scores are not all by one model. */
  mixed: string[];
  by: Record<Model, number>;
  stored: number;
  /** Just stored with its vector, and not found by its own words at once. */
  unfound: string[];
  /** Deleted, and found afterwards. */
  risen: string[];
}

/** Searches, stores, changes and deletes without a pause, and judges every answer. */
export class ReembedLoad {
  readonly report: LoadReport = {
    searches: 0,
    failed: [],
    partial: 0,
    mixed: [],
    by: { spelling: 0, [BACKWARDS]: 0 },
    stored: 0,
    unfound: [],
    risen: [],
  };
  readonly stored = new Map<MemoryId, string>();
  readonly deleted = new Map<MemoryId, string>();
  /** Everything a memory ever said: a score may be of what it said a moment ago. */
  private readonly said = new Map<string, Set<string>>();
  private readonly vectors = new Map<string, Float32Array>();
  private isOver = false;
  private running: Promise<unknown> = Promise.resolve();
  private next = 100_000;

  constructor(
    private readonly client: Client,
    private readonly provider: EmbeddingProvider,
  ) {}

  /** Memories stored before; what judging them needs is made now, and not in the searches' time. */
  async know(memories: readonly Memory[]): Promise<void> {
    for (const { id, content } of memories) {
      this.note(id, content);
      for (const model of MODELS) await this.vector(model, content);
    }
    for (let number = 0; number < QUERIES; number += 1) {
      for (const model of MODELS) await this.vector(model, queryOf(number));
    }
  }

  start(searchers = 2, writers = 1): void {
    this.isOver = false;
    this.running = Promise.all([
      ...Array.from({ length: searchers }, (_, at) => this.searchOn(at)),
      ...Array.from({ length: writers }, () => this.writeOn()),
    ]);
  }

  async stop(): Promise<LoadReport> {
    this.isOver = true;
    await this.running;
    return this.report;
  }

  async search(query: string, topK: number): Promise<SearchResponse | undefined> {
    const body = { query, recipe: 'dense', top_k: topK };
    const answer = await this.client.post<SearchResponse>('/memories/search', body);
    this.report.searches += 1;
    if (answer.status !== 200) {
      this.report.failed.push(`${answer.status} ${JSON.stringify(answer.body)}`);
      return undefined;
    }
    if (answer.body.partial) this.report.partial += 1;
    await this.judge(query, answer.body);
    return answer.body;
  }

  private async searchOn(seed: number): Promise<void> {
    for (let number = seed; !this.isOver; number += 7) {
      await this.search(queryOf(number % QUERIES), 10);
      await sleep(5);
    }
  }

  private async writeOn(): Promise<void> {
    while (!this.isOver) {
      const number = this.next++;
      const content = textOf(number);
      const { status, body } = await this.client.post<Memory>('/memories', { content });
      if (status !== 201) {
        this.report.failed.push(`POST ${status} ${JSON.stringify(body)}`);
        continue;
      }
      const { id } = body;
      this.note(memoryId(id), content);
      this.report.stored += 1;
      await this.expectFound(memoryId(id), content);
      if (number % 3 === 0) await this.change(memoryId(id), number);
      if (number % 4 === 1) await this.remove(memoryId(id), content);
      await sleep(20);
    }
  }

  private async change(id: MemoryId, number: number): Promise<void> {
    const content = `${textOf(number)} changed`;
    this.note(id, content);
    const { status } = await this.client.patch(`/memories/${id}`, { content });
    if (status !== 200) this.report.failed.push(`PATCH ${status}`);
    await this.expectFound(id, content);
    const other = await this.client.patch(`/memories/${id}`, { importance: 0.9 });
    if (other.status !== 200) this.report.failed.push(`PATCH ${other.status}`);
    await this.expectFound(id, content);
  }

  private async remove(id: MemoryId, content: string): Promise<void> {
    const { status } = await this.client.delete(`/memories/${id}`);
    if (status !== 204) this.report.failed.push(`DELETE ${status}`);
    this.stored.delete(id);
    this.deleted.set(id, content);
    const found = await this.search(content, 5);
    if (found?.memories.some((memory) => memory.id === id)) this.report.risen.push(id);
  }

  private async expectFound(id: MemoryId, content: string): Promise<void> {
    const found = await this.search(content, 3);
    // On a machine that is too busy a vector is made late, and the answer says so.
    if (!found || found.partial) return;
    if (found.memories.some((memory) => memory.id === id)) return;
    const { embedding } = await this.client.read(id);
    if (embedding === 'ready') this.report.unfound.push(content);
  }

  private note(id: MemoryId | string, content: string): void {
    this.stored.set(memoryId(id), content);
    this.said.set(id, (this.said.get(id) ?? new Set()).add(content));
  }

  /** Which model each score is by: all of one answer must be by the same. */
  private async judge(query: string, { memories }: SearchResponse): Promise<void> {
    let possible: readonly Model[] = MODELS;
    for (const { id, content, score } of memories) {
      const texts = [...(this.said.get(id) ?? []), content];
      const fitting: Model[] = [];
      for (const model of possible) {
        const cosines = await Promise.all(texts.map((text) => this.cosine(model, query, text)));
        if (cosines.some((cosine) => Math.abs(cosine - score) < SCORE_ERROR)) fitting.push(model);
      }
      possible = fitting;
    }
    const [only, other] = possible;
    if (only === undefined) this.report.mixed.push(query);
    else if (other === undefined) this.report.by[only] += 1;
  }

  private async cosine(model: Model, a: string, b: string): Promise<number> {
    const [left, right] = [await this.vector(model, a), await this.vector(model, b)];
    return left.reduce((sum, value, at) => sum + value * (right[at] ?? 0), 0);
  }

  private async vector(model: Model, text: string): Promise<Float32Array> {
    const key = `${model} ${text}`;
    const known = this.vectors.get(key) ?? (await this.provider.vectorOf(model, text));
    this.vectors.set(key, known);
    return known;
  }
}
