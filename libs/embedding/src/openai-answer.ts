import { z } from 'zod';
import { ProviderFault } from './provider-fault.js';
import { unitVector } from './unit-vector.js';

/** The part of an OpenAI `/v1/embeddings` answer that is relied on. */
const answerSchema = z.object({
  data: z.array(
    z.object({ index: z.int().nonnegative().optional(), embedding: z.array(z.number()) }),
  ),
});

interface Expected {
  readonly count: number;
  readonly dimension: number;
  readonly model: string;
}

/**
 * The answer's vectors in the order of the request, L2-normalised.
 * @throws ProviderFault for anything but `count` finite, non-zero vectors of `dimension` numbers
 * whose indices, where given, are 0 to count - 1 once each.
 */
export function readAnswer(json: unknown, expected: Expected): Float32Array[] {
  const parsed = answerSchema.safeParse(json);
  if (!parsed.success) {
    const at = parsed.error.issues[0]?.path.join('.') || 'the top';
    throw new ProviderFault(
      `The embedding provider's answer is not that of /v1/embeddings, at ${at}; ` +
        'check that SOMA_EMBEDDING_URL is an OpenAI-compatible endpoint.',
    );
  }
  const { data } = parsed.data;
  if (data.length !== expected.count) {
    throw new ProviderFault(
      `The embedding provider answered ${data.length} vectors for ${expected.count} texts.`,
    );
  }
  const vectors: (Float32Array | undefined)[] = [];
  data.forEach(({ index, embedding }, position) => {
    const place = index ?? position;
    if (place >= expected.count || vectors[place]) {
      throw new ProviderFault(
        `The embedding provider answered index ${place} twice or beyond ${expected.count - 1}.`,
      );
    }
    vectors[place] = checkedVector(embedding, expected);
  });
  return vectors.filter((vector) => vector !== undefined);
}

function checkedVector(embedding: readonly number[], expected: Expected): Float32Array {
  if (embedding.length !== expected.dimension) {
    throw new ProviderFault(
      `The embedding model ${expected.model} gives ${embedding.length} dimensions, ` +
        `${expected.dimension} are configured: set SOMA_EMBEDDING_DIMENSION=${embedding.length} ` +
        `or choose a model of ${expected.dimension} dimensions.`,
    );
  }
  const unit = unitVector(embedding);
  if (!unit) {
    throw new ProviderFault(
      'The embedding provider answered a vector without a direction (all zeros, or too large).',
    );
  }
  return unit;
}
