/**
 * Guards an index against vectors that would poison every ranking: no numbers, one that is not
 * finite, or another length than those it is compared with.
 */
export function assertVector(vector: Float32Array, dimension: number = vector.length): void {
  if (vector.length === 0 || vector.length !== dimension) {
    throw new RangeError(`A vector of ${dimension} numbers was expected; got ${vector.length}.`);
  }
  if (!vector.every(Number.isFinite)) {
    throw new RangeError('A vector is made of finite numbers; this one is not.');
  }
}
