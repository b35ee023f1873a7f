import { parseFitArguments } from './arguments.ts';
import { embedderSettings } from '../embedder-settings.ts';

describe('parseFitArguments', () => {
  it('counts all sets alike and holds what the recipes set by hand unless told otherwise', () => {
    expect(parseFitArguments(['--data', 'x/one/', '--data', 'two'])).toEqual({
      sets: [
        { name: 'one', folder: 'x/one/', weight: 1 },
        { name: 'two', folder: 'two', weight: 1 },
      ],
      embedder: 'hash',
      stack: 'embedded',
      hold: ['exact', 'role', 'restated'],
      l2: 0.001,
      topK: 400,
      ablate: false,
      leaveOneOut: false,
      json: false,
    });
  });

  it('takes a weight for each set, and nothing to hold', () => {
    const args = ['--data=a', '--data=b', '--weight=1.7', '--weight=1', '--hold='];
    const { sets, hold } = parseFitArguments(args);
    expect(sets.map(({ weight }) => weight)).toEqual([1.7, 1]);
    expect(hold).toEqual([]);
  });

  it.each([
    [[], '--data is missing'],
    [['--data=a', '--data=b', '--weight=1'], 'there are 1 --weight for 2 --data'],
    [['--data=a', '--weight=0'], '--weight is 0'],
    [['--data=x/a', '--data=y/a'], 'two --data have the same folder name'],
    [['--data=a', '--embedder=bert'], '--embedder is bert'],
    [['--data=a', '--stack=cloud'], '--stack is cloud'],
    [['--data=a', '--top-k=1001'], '--top-k is 1001'],
    [['--data=a', '--l2=0'], '--l2 is 0'],
    [['--data=a', '--what'], '--what'],
  ])('refuses %j', (args, message) => {
    expect(() => parseFitArguments(args)).toThrow(message);
  });
});

describe('embedderSettings', () => {
  it('takes the server from the environment, and only what concerns it', () => {
    const environment = {
      SOMA_TEST_EMBEDDING_URL: 'http://e',
      SOMA_EMBEDDING_DIMENSION: '8',
      HOME: '/',
    };
    expect(embedderSettings('openai', environment)).toEqual({
      SOMA_EMBEDDING_PROVIDER: 'openai',
      SOMA_EMBEDDING_URL: 'http://e',
      SOMA_EMBEDDING_MODEL: 'all-MiniLM-L6-v2',
      SOMA_EMBEDDING_DIMENSION: '8',
      SOMA_EMBEDDING_TIMEOUT_MS: '120000',
    });
    expect(embedderSettings('hash', environment)).toEqual({ SOMA_EMBEDDING_PROVIDER: 'hash' });
  });

  it('says what is missing without a server', () => {
    expect(() => embedderSettings('openai', {})).toThrow('needs SOMA_EMBEDDING_URL');
  });
});
