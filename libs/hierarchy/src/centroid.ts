/** The weighted mean of vectors, scaled to length 1; all zeros where they cancel out. */
export function centroid(
  vectors: readonly Float32Array[],
  weights: readonly number[],
): Float32Array {
  const sum = new Float64Array(vectors[0]?.length ?? 0);
  for (const [at, vector] of vectors.entries()) {
    const weight = weights[at] ?? 1;
    vector.forEach((value, i) => (sum[i] = (sum[i] ?? 0) + weight * value));
  }
  const length = Math.sqrt(sum.reduce((total, value) => total + value * value, 0));
  return Float32Array.from(sum, (value) => (length < 1e-9 ? 0 : value / length));
}
