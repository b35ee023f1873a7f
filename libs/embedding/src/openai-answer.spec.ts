import { readAnswer } from './openai-answer.js';
import { ProviderFault } from './provider-fault.js';

const EXPECTED = { count: 2, dimension: 2, model: 'm' };
const read = (data: unknown) => readAnswer({ data }, EXPECTED);

describe(readAnswer, () => {
  it('normalises the vectors', () => {
    expect(read([{ embedding: [3, 4] }, { embedding: [0, -2] }])).toEqual([
      Float32Array.of(0.6, 0.8),
      Float32Array.of(0, -1),
    ]);
  });

  it('puts the vectors in the order of their indices', () => {
    const data = [
      { index: 1, embedding: [0, 1] },
      { index: 0, embedding: [1, 0] },
    ];
    expect(read(data)).toEqual([Float32Array.of(1, 0), Float32Array.of(0, 1)]);
  });

  it.each([
    ['too few vectors', [{ embedding: [1, 0] }], /1 vectors for 2 texts/],
    [
      'too many',
      [
        [1, 0],
        [1, 0],
        [1, 0],
      ].map((embedding) => ({ embedding })),
      /3 vectors for 2/,
    ],
    ['an index twice', [0, 0].map((index) => ({ index, embedding: [1, 0] })), /index 0 twice/],
    ['an index beyond', [0, 2].map((index) => ({ index, embedding: [1, 0] })), /beyond 1/],
    [
      'numbers as text',
      [{ embedding: ['1', '0'] }, { embedding: [1, 0] }],
      /data\.0\.embedding\.0/,
    ],
    ['null for a NaN', [{ embedding: [null, 0] }, { embedding: [1, 0] }], /data\.0\.embedding\.0/],
    ['infinity', [{ embedding: [Infinity, 0] }, { embedding: [1, 0] }], /data\.0\.embedding\.0/],
    ['zeros', [{ embedding: [0, 0] }, { embedding: [1, 0] }], /without a direction/],
    ['no list', 'vectors', /at data;/],
  ])('refuses %s', (_case, data, message) => {
    expect(() => read(data)).toThrow(ProviderFault);
    expect(() => read(data)).toThrow(message);
  });

  it('refuses another dimension and says what to set', () => {
    const data = [{ embedding: [1, 0, 0] }, { embedding: [1, 0, 0] }];
    expect(() => read(data)).toThrow(/gives 3 .* 2 are configured: set SOMA_EMBEDDING_DIMENSION=3/);
  });
});
