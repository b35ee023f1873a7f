import { parseContextArguments } from './arguments.ts';

describe(parseContextArguments.name, () => {
  it('measures the embedded stack with the hash embedder unless told otherwise', () => {
    expect(parseContextArguments(['--data', 'dev', '--json'])).toEqual({
      data: 'dev',
      embedder: 'hash',
      stack: 'embedded',
      every: 1,
      tiers: 'stored',
      json: true,
    });
  });

  it.each([
    [[], '--data is missing'],
    [['--data', 'd', '--embedder', 'bert'], '--embedder is bert'],
    [['--data', 'd', '--every', '0'], '--every is 0'],
    [['--data', 'd', '--stack', 'cloud'], '--stack is cloud'],
  ])('refuses %j', (args, message) => {
    expect(() => parseContextArguments(args)).toThrow(message);
  });
});
