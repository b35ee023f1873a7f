const REASONS: Readonly<Record<string, string>> = {
  'embedding-unavailable': 'the embedder does not answer, so words alone were searched',
  'index-unavailable': 'the vector index does not answer, and not all vectors were compared',
  'fresh-tail-too-long': 'the vector index is far behind, and not all new vectors were compared',
};

/** What to say of an answer in which something may be missing. */
export function partialLine(reason = 'no reason given'): string {
  const words = REASONS[reason];
  return `partial: ${words === undefined ? 'something may be missing' : words} (${reason})`;
}
