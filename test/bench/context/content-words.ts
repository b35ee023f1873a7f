/** English words that carry no content; the service's own list is another, and longer. */
const STOP_WORDS = new Set(
  `a about above after again against all am an and any are as at be because been before being below
  between both but by can could d did do does doing don down during each few for from further had
  has have having he her here hers herself him himself his how i if in into is it its itself just
  ll m may me might more most must my myself no nor not now of off on once only or other our ours
  ourselves out over own re s same shall she should so some such t than that the their theirs them
  themselves then there these they this those through to too under until up ve very was we were
  what when where which while who whom why will with would you your yours yourself yourselves`.split(
    /\s+/,
  ),
);

/** The distinct words of a text in lower case that carry content. */
export function contentWords(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(words.filter((word) => !STOP_WORDS.has(word)));
}

/** Of a memory's content words so many must stand in a line that cites it. */
const SHARE = 0.7;

/** Whether a line tells what the memory does. One without content words is told by any line. */
export function covers(line: string, memory: string): boolean {
  const [wanted, there] = [contentWords(memory), contentWords(line)];
  const told = [...wanted].filter((word) => there.has(word)).length;
  return told >= SHARE * wanted.size;
}
