/**
 * Inner product of `query` with the row of `data` that begins at `offset`, summed in doubles. For
 * L2-normalised vectors this is their cosine.
 */
export function dotProduct(query: Float32Array, data: Float32Array, offset: number): number {
  const length = query.length;
  const unrolled = length - (length % 4);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let index = 0; index < unrolled; index += 4) {
    const at = offset + index;
    a += query[index]! * data[at]!;
    b += query[index + 1]! * data[at + 1]!;
    c += query[index + 2]! * data[at + 2]!;
    d += query[index + 3]! * data[at + 3]!;
  }
  for (let index = unrolled; index < length; index += 1) a += query[index]! * data[offset + index]!;
  return a + b + c + d;
}
