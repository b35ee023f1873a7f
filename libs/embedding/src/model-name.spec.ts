import fc from 'fast-check';
import { HashEmbedder } from './hash-embedder.js';
import { JoinedEmbedder } from './joined-embedder.js';
import { type ModelSpec, modelName, parseModelName } from './model-name.js';
import { OpenAiEmbedder } from './openai-embedder.js';

const dimensions = fc.integer({ min: 1, max: 4_096 });
const specs: fc.Arbitrary<ModelSpec> = fc.oneof(
  fc.record({ provider: fc.constant('hash' as const), dimension: dimensions }),
  fc.record(
    {
      provider: fc.constant('openai' as const),
      model: fc.stringMatching(/^[\w:+./-]{1,30}$/),
      dimension: dimensions,
      hash: dimensions,
    },
    { requiredKeys: ['provider', 'model', 'dimension'] },
  ),
);

describe(parseModelName, () => {
  it('reads back what modelName wrote', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        expect(parseModelName(modelName(spec))).toEqual(spec);
      }),
    );
  });

  it('names embedders as they name themselves', () => {
    const url = 'http://127.0.0.1:1/v1/embeddings';
    const model = new OpenAiEmbedder({ url, model: 'nomic:v1.5', dimension: 384 });
    const spec = { provider: 'openai', model: 'nomic:v1.5', dimension: 384 } as const;
    expect(modelName(spec)).toBe(model.model);
    expect(modelName({ ...spec, hash: 384 })).toBe(
      new JoinedEmbedder(model, new HashEmbedder(384)).model,
    );
    expect(modelName({ provider: 'hash', dimension: 768 })).toBe(new HashEmbedder().model);
  });

  it.each(['', 'hash', 'hash-v2:768', 'hash-v1:0', 'openai:a', 'openai::3', 'openai:a:0'])(
    'knows no model %j',
    (name) => {
      expect(parseModelName(name)).toBeUndefined();
    },
  );
});
