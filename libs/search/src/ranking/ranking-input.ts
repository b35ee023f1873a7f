/** A lexeme of the query as Postgres' `to_tsvector('english')` gives it. */
export interface QueryTerm {
  readonly lexeme: string;
  /** Occurrences in the query. */
  readonly frequency: number;
  /** Memories and sessions of the namespace that have it. */
  readonly memories: number;
  readonly sessions: number;
  /** The sentences of the query it stands in (splitSentences), by position. */
  readonly sentences: readonly number[];
}

export interface RankingQuery {
  readonly text: string;
  readonly terms: readonly QueryTerm[];
  /** The moment the question is asked at, ms since 1970; without one no age counts. */
  readonly at?: number;
}

/** A memory near the query: a candidate, or a neighbour of one that only lends its evidence. */
export interface RankingMemory {
  readonly id: string;
  readonly candidate: boolean;
  /** Its session by position in `sessions`; -1 without one. */
  readonly session: number;
  /** The memories before and after it in its session, by position; -1 at an end or when not read. */
  readonly previous: number;
  readonly next: number;
  readonly speaker: string | undefined;
  readonly occurredAt: number;
  readonly content: string;
  /** Lexemes in it, counted with repetition. */
  readonly length: number;
  /** Occurrences of each term of the query. */
  readonly frequencies: ArrayLike<number>;
  /** Cosine with the query; undefined below what the dense arm returned. */
  readonly cosine: number | undefined;
  /** Whose turn it was in a chat ("user", "assistant"); else the speaker decides. */
  readonly role?: string;
  /** Memories at hand that lend it their evidence: linked ones, its tier's parent and children. */
  readonly links?: readonly MemoryLink[];
  /** How fully the query names its id, coordinate or tag, 0 to 1. */
  readonly exact?: number;
}

export interface MemoryLink {
  /** By position in `memories`. */
  readonly memory: number;
  /** 0 to 1. */
  readonly strength: number;
}

/** A whole session as one document. */
export interface RankingSession {
  readonly frequencies: ArrayLike<number>;
  readonly length: number;
  /** How many sessions of the namespace are newer. */
  readonly age: number;
}

export interface NamespaceTotals {
  readonly memories: number;
  readonly sessions: number;
  /** Mean lexemes of a memory, and of a session. */
  readonly averageLength: number;
  readonly averageSessionLength: number;
}

/** All that ranking reads; it asks no database and no clock. */
export interface RankingInput {
  readonly query: RankingQuery;
  /** In the order they occurred. */
  readonly memories: readonly RankingMemory[];
  readonly sessions: readonly RankingSession[];
  readonly totals: NamespaceTotals;
}
