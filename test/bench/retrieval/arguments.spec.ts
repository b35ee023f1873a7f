import { parseRetrievalArguments } from './arguments.ts';

describe('parseRetrievalArguments', () => {
  it('measures the embedded stack with the hash embedder unless told otherwise', () => {
    expect(parseRetrievalArguments(['--data', 'dev'])).toMatchObject({
      data: 'dev',
      embedder: 'hash',
      stack: 'embedded',
      k: 100,
      json: false,
      remote: undefined,
    });
  });

  it('takes a running service by its URL and token', () => {
    const { remote } = parseRetrievalArguments(['--data=d', '--base-url=http://h', '--token=t']);
    expect(remote).toEqual({ url: 'http://h', token: 't' });
  });

  it.each([
    [[], '--data is missing'],
    [['--data', 'd', '--embedder', 'bert'], '--embedder is bert'],
    [['--data', 'd', '--stack', 'cloud'], '--stack is cloud'],
    [['--data', 'd', '--k', '0'], '--k is 0'],
    [['--data', 'd', '--k', '1001'], '--k is 1001'],
    [['--data', 'd', '--token', 't'], '--base-url and --token go together'],
    [['--data', 'd', '--what'], '--what'],
  ])('refuses %j', (args, message) => {
    expect(() => parseRetrievalArguments(args)).toThrow(message);
  });
});
