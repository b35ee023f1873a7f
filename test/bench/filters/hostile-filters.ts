const TERMS = 64;
/** Of each list, as many as 64 of them may have together. */
const VALUES = 7;
/** What a naive search for a part of a text is slowest at: it differs at its end alone. */
const TEXT = 'a'.repeat(2_000);

/** As large as a filter may be, of the kinds that cost most; `n` makes each another. */
export function hostileFilter(n: number): object {
  const terms = (term: (at: number) => object): object[] =>
    Array.from({ length: TERMS }, (_, at) => term(at));
  const words = (at: number): string[] =>
    Array.from({ length: VALUES }, (_, value) => `w${n}-${at}-${value}`);
  switch (n % 5) {
    case 0:
      return {
        or: terms((at) => ({ 'metadata.text': { contains: `${'a'.repeat(200 + at)}b${n}` } })),
      };
    case 1:
      return { or: terms((at) => ({ 'metadata.list': { any: words(at) } })) };
    case 2:
      return { and: terms((at) => ({ tags: { nin: words(at) } })) };
    case 3:
      return { or: terms((at) => ({ [`metadata.a.b.c.d.e.f.g.k${at % 4}`]: { gt: `z${n}` } })) };
    default:
      return { or: terms((at) => ({ 'metadata.text': { contains: `${'a'.repeat(900 + at)}c` } })) };
  }
}

/** A memory that the filters have to look into. */
export const filteredMemory = (n: number): object => ({
  content: `Note ${n} of what was seen on day ${n % 30}`,
  namespace: 'filtered',
  tags: Array.from({ length: 16 }, (_, at) => `tag${(n + at) % 50}`),
  metadata: {
    text: TEXT,
    list: Array.from({ length: 50 }, (_, at) => `item${n + at}`),
    a: { b: { c: { d: { e: { f: { g: { k0: 'x', k1: 'y', k2: 'x', k3: 'y' } } } } } } },
  },
});
