import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NewMemory } from '../contract.ts';

export interface Doc {
  id: string;
  text: string;
  /** ISO date or date-time; UTC where it names no zone. */
  ts: string;
  /** The namespace: one conversation or one user. */
  group: string;
  speaker: string;
  session: string;
  pos: number;
  seq?: number;
}

export interface Query {
  id: string;
  text: string;
  /** Ids of the documents that hold the answer; at least one. */
  gold: string[];
  category: string;
  group: string;
  /** When it is asked. */
  ts?: string;
  /** Only documents with a smaller `seq` may be seen. */
  seq?: number;
}

/** Category of questions that have no answer in the data; left out of every score. */
export const UNANSWERABLE = 'adversarial';

export interface Dataset {
  docs: Doc[];
  /** Without the unanswerable ones. */
  queries: Query[];
}

/** Reads docs.jsonl and queries.jsonl of a set's folder. */
export function readDataset(folder: string): Dataset {
  const docs = readLines<Doc>(join(folder, 'docs.jsonl'));
  const queries = readLines<Query>(join(folder, 'queries.jsonl'));
  return { docs, queries: queries.filter((query) => query.category !== UNANSWERABLE) };
}

/** The document as a client would store it: speaker, session and time in the API's own fields. */
export function memoryOf(doc: Doc): NewMemory {
  return {
    content: doc.text,
    namespace: doc.group,
    session_id: doc.session || undefined,
    speaker: doc.speaker || undefined,
    occurred_at: instantOf(doc.ts),
    metadata: {
      doc_id: doc.id,
      pos: doc.pos,
      ...(doc.seq === undefined ? {} : { seq: doc.seq }),
    },
  };
}

/** The search a client would send: its namespace only, when it is asked, and nothing later. */
export function searchOf(query: Query, k: number): Record<string, unknown> {
  return {
    query: query.text,
    namespace: query.group,
    top_k: k,
    ...(query.ts === undefined ? {} : { at: instantOf(query.ts) }),
    ...(query.seq === undefined ? {} : { filter: { 'metadata.seq': { lt: query.seq } } }),
  };
}

/** `2025-12-20` and `2023-05-08T13:56:00` are read as UTC. */
export function instantOf(ts: string): string {
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(ts) || !ts.includes('T') ? ts : `${ts}Z`;
  return new Date(zoned).toISOString();
}

function readLines<T>(path: string): T[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as T);
}
