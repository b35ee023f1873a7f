/**
 * Joins boolean terms by `and` or `or` as a balanced tree: in a plain chain each operator nests
 * one deeper, and Milvus refuses what is nested more than about fifty deep.
 */
export function balancedJoin(terms: readonly string[], operator: 'and' | 'or'): string {
  const [only] = terms;
  if (only === undefined) throw new RangeError(`There is nothing to join by ${operator}.`);
  if (terms.length === 1) return only;
  const middle = Math.ceil(terms.length / 2);
  const left = balancedJoin(terms.slice(0, middle), operator);
  const right = balancedJoin(terms.slice(middle), operator);
  return `(${left}) ${operator} (${right})`;
}
