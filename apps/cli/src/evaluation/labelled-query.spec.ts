import fc from 'fast-check';
import { MEMORY_ID } from '../../testing/resources.fixture.js';
import { parseLabelledQuery } from './labelled-query.js';
import { matchBy } from './match-by.js';

const parse = (text: string | undefined, by?: string) =>
  parseLabelledQuery({ number: 7, text, endByte: 0 }, matchBy(by));

describe(parseLabelledQuery.name, () => {
  it('P45 reads every field', () => {
    const line = {
      id: 3,
      query: 'tea?',
      relevant: [MEMORY_ID, '1.0,2', '1,2.0'],
      namespace: 'n',
      filter: { tags: 'x' },
      at: '2026-07-01T09:00:00Z',
      category: 'easy',
    };
    expect(parse(JSON.stringify(line))).toEqual({
      ...line,
      line: 7,
      id: '3',
      relevant: [MEMORY_ID, '1,2'],
    });
  });

  it.each([
    [
      '{"query":"a","relevant":[],"gold":[1]}',
      'unknown field "gold"; allowed are: query, relevant',
    ],
    ['{"query":" ","relevant":[]}', 'query: must not be blank'],
    ['{"query":"a"}', 'relevant: '],
    ['{"query":"a","relevant":"1,2"}', 'relevant: '],
    ['{"query":"a","relevant":["1,2",{}]}', 'relevant[1]: must be a text or a number'],
    ['{"query":"a","relevant":["D1:3"]}', 'relevant: "D1:3" is not an id or a coordinate'],
    ['{"query":"a","relevant":[],"at":"May"}', 'at: must be a time like 2026-07-01T09:00:00Z'],
    ['["query"]', 'is not a JSON object like'],
    ['{"query":', 'is not JSON'],
    [undefined, 'is not UTF-8'],
  ])('says what is wrong with %s', (text, message) => {
    expect(parse(text)).toMatchObject([
      { path: 'line 7', message: expect.stringContaining(message) as string },
    ]);
  });

  it('says everything that is wrong at once', () => {
    expect(parse('{"query":"","relevant":[true],"x":1}')).toHaveLength(3);
  });

  it('gives a query or faults, never an exception, whatever the line', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.constant('null')), (text) => {
        expect(typeof parse(text, 'metadata.x')).toBe('object');
      }),
    );
  });
});
