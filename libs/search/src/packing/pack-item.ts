/** A memory that may go into a context. */
export interface PackItem {
  readonly id: string;
  readonly content: string;
  readonly speaker: string | undefined;
  /** 0 to 1: the chance that it helps. */
  readonly score: number;
  /** 0 for what was said, higher for digests of it. */
  readonly tier: number;
  /** When what it tells of began and ended, ISO 8601 in UTC; the same for a moment. */
  readonly from: string;
  readonly to: string;
}

export const PACK_FORMATS = ['text', 'markdown', 'xml', 'jsonl'] as const;
export type PackFormat = (typeof PACK_FORMATS)[number];
export const PACK_ORDERS = ['time', 'relevance'] as const;
export type PackOrder = (typeof PACK_ORDERS)[number];
export const CITATION_STYLES = ['markers', 'ids'] as const;
export type CitationStyle = (typeof CITATION_STYLES)[number];

export interface PackRequest {
  readonly query: string;
  /** More tokens than this the text never has. */
  readonly maxTokens: number;
  readonly format: PackFormat;
  readonly order: PackOrder;
  readonly citations: CitationStyle;
  /** Memories stand word for word, or not at all. */
  readonly whole: boolean;
}

/** One line of a context. */
export interface PackedPart {
  /** What the line calls its memories, in the order of `ids`. */
  readonly cites: readonly string[];
  /** Several where they say the same. */
  readonly ids: readonly string[];
  /** What the line says, before the format escapes it. */
  readonly text: string;
  /** Of the line, with its citation. */
  readonly tokens: number;
  /** Of the best of its memories, as the tier and the times are. */
  readonly score: number;
  readonly tier: number;
  readonly from: string;
  readonly to: string;
  /** Whether it lacks sentences that the memory has. */
  readonly trimmed: boolean;
}

export interface Packed {
  readonly text: string;
  readonly tokens: number;
  /** In the order of the text. */
  readonly parts: readonly PackedPart[];
}

/** All that a memory is a part of, directly or not; nothing for most. */
export type AncestorsOf = (id: string) => Iterable<string>;
