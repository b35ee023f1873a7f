/** The sentences of a query, at most 32: a long message asks in one of them. */
export function splitSentences(text: string): string[] {
  const parts = text.split(/(?<=[.!?。！？])\s+|\n+|(?<=[。！？])/u).map((part) => part.trim());
  const sentences = parts.filter((part) => part.length > 0);
  return sentences.length > 32
    ? [...sentences.slice(0, 31), sentences.slice(31).join(' ')]
    : sentences;
}
