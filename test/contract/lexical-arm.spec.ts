import { rmSync } from 'node:fs';
import { parseConfig } from '@soma/config';
import {
  HeapCaches,
  type MemoryId,
  memoryId,
  parseCoordinate,
  tenantId,
  TenantScope,
} from '@soma/core';
import type { MemoryDraft } from '@soma/memory';
import { type Candidate, lexicalCandidates } from '@soma/search';
import {
  type Database,
  openDatabase,
  PostgresMemoryRepository,
  PostgresSearchRepository,
} from '@soma/persistence';
import { newDataFolder } from '../e2e/data-folder.js';
import { v7 as uuidv7 } from 'uuid';
import { deleteMemories } from './delete-memories.js';
import { memoryDraft } from './memory-draft.js';
import { rowCipherOf } from './row-cipher-of.js';

/** Words that stemming leaves as they are. */
const WORDS = ['apple', 'bread', 'cloud', 'dream', 'eagle', 'flame', 'grass', 'horn', 'ink'];
const NAMESPACE = 'lexical';
const [K1, B] = [1.2, 0.75];

/** The same texts in every run: word counts that vary by a fixed rule. */
const TEXTS = Array.from({ length: 60 }, (_, text) =>
  WORDS.flatMap((word, at) => Array<string>((text * (at + 3) + at) % 4).fill(word)).join(' '),
).filter((text) => text !== '');

/** BM25 by its formula (Robertson and Zaragoza 2009), over all the texts. */
function bm25(query: readonly string[], text: string): number {
  const lengths = TEXTS.map((other) => other.split(' ').length);
  const average = lengths.reduce((sum, length) => sum + length, 0) / TEXTS.length;
  const words = text.split(' ');
  return query.reduce((score, term) => {
    const frequency = words.filter((word) => word === term).length;
    const holders = TEXTS.filter((other) => other.split(' ').includes(term)).length;
    const idf = Math.log(1 + (TEXTS.length - holders + 0.5) / (holders + 0.5));
    const saturation = K1 * (1 - B + (B * words.length) / average);
    return score + (idf * frequency * (K1 + 1)) / (frequency + saturation);
  }, 0);
}

const draftOf = (content: string, number: number): MemoryDraft =>
  memoryDraft({ namespace: NAMESPACE, content, coordinate: parseCoordinate(String(number)) });

const dataDir = await newDataFolder();

describe('the lexical arm', () => {
  const [ours, theirs] = [uuidv7(), uuidv7()].map((id) => TenantScope.of(tenantId(id))) as [
    TenantScope,
    TenantScope,
  ];
  const textOf = new Map<MemoryId, string>();
  let database: Database;
  let memories: PostgresMemoryRepository;
  let sut: PostgresSearchRepository;

  const search = async (scope: TenantScope, query: string): Promise<Candidate<MemoryId>[]> => {
    const matches = await sut.lexical(scope, {
      namespace: NAMESPACE,
      sentences: [query],
      context: undefined,
      contextWeight: 0.3,
      stopLexemes: [],
      names: [],
      ids: [],
      coordinates: [],
    });
    return lexicalCandidates(matches, 1_000);
  };

  beforeAll(async () => {
    database = await openDatabase(parseConfig({ SOMA_DATA_DIR: dataDir }));
    for (const { tenantId: id } of [ours, theirs]) {
      await database.withSystem(({ tenant }) => tenant.create({ data: { id, name: id } }));
    }
    memories = new PostgresMemoryRepository(
      database,
      { now: () => new Date() },
      rowCipherOf(database),
    );
    sut = new PostgresSearchRepository(database, rowCipherOf(database), new HeapCaches());
    for (const outcome of await memories.store(ours, TEXTS.map(draftOf))) {
      if (outcome.kind !== 'stored') throw new Error('A memory was not stored.');
      textOf.set(memoryId(outcome.memory.id), outcome.memory.content);
    }
  });
  afterAll(async () => {
    await database.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it.each(['apple', 'bread cloud', 'the dream of an eagle', WORDS.join(' ')])(
    'scores every memory as BM25 does for %j',
    async (query) => {
      const terms = WORDS.filter((word) => query.includes(word));
      const expected = TEXTS.map((text) => bm25(terms, text)).filter((score) => score > 0);
      const found = await search(ours, query);
      expect(found).toHaveLength(expected.length);
      for (const { id, score } of found) {
        expect(score).toBeCloseTo(bm25(terms, textOf.get(id) ?? ''), 9);
      }
      expect(found.map(({ score }) => score)).toEqual(
        found.map(({ score }) => score).sort((left, right) => right - left),
      );
    },
  );

  it('scores the same after memories were replaced and deleted', async () => {
    const extra = [draftOf('apple apple zebra', 900), draftOf('bread zebra', 901)];
    const before = await search(ours, 'apple bread');
    await memories.store(ours, extra);
    await memories.store(ours, [draftOf('cloud zebra zebra', 900)]);
    const page = { kind: 'filter', namespace: NAMESPACE } as const;
    const field = { kind: 'column', name: 'coordinate' } as const;
    const filter = { kind: 'compare', field, op: 'in', value: ['900', '901'] } as const;
    expect(await deleteMemories(database, ours, { ...page, filter })).toBe(2);
    expect(await search(ours, 'apple bread')).toEqual(before);
    expect(await search(ours, 'zebra')).toEqual([]);
  });

  it('finds no memory of another tenant', async () => {
    expect(await search(theirs, WORDS.join(' '))).toEqual([]);
  });
});
