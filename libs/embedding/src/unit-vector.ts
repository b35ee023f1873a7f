/**
 * The vector of length 1 in the same direction, as float32; undefined when there is none (a value
 * that is not finite, or a length of zero or beyond a double). Sums in double precision, left to
 * right, so that every machine rounds alike.
 */
export function unitVector(values: ArrayLike<number>): Float32Array | undefined {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] ?? 0) ** 2;
  const length = Math.sqrt(squares);
  if (!Number.isFinite(length) || length === 0) return undefined;
  const unit = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) unit[i] = (values[i] ?? 0) / length;
  return unit;
}
