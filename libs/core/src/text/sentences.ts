/** A long message asks in one of so many sentences. */
const MOST_OF_A_QUERY = 32;

/** The sentences of a text, at most `most`; what is beyond stands in the last. */
export function splitSentences(text: string, most = MOST_OF_A_QUERY): string[] {
  const parts = text.split(/(?<=[.!?。！？])\s+|\n+|(?<=[。！？])/u).map((part) => part.trim());
  const sentences = parts.filter((part) => part.length > 0);
  return sentences.length > most
    ? [...sentences.slice(0, most - 1), sentences.slice(most - 1).join(' ')]
    : sentences;
}
