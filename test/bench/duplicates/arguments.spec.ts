import { parseDuplicatesArguments } from './arguments.ts';

describe('parseDuplicatesArguments', () => {
  it('adds a hundred to two thousand and to ten thousand unless told otherwise', () => {
    expect(parseDuplicatesArguments([])).toEqual({
      sizes: [2000, 10_000],
      more: 100,
      stack: 'embedded',
      json: false,
    });
  });

  it('takes sizes, additions and a stack', () => {
    const args = ['--sizes=10,30,50', '--more=20', '--stack=production', '--json'];
    expect(parseDuplicatesArguments(args)).toEqual({
      sizes: [10, 30, 50],
      more: 20,
      stack: 'production',
      json: true,
    });
  });

  it.each([
    [['--stack=other'], '--stack is other'],
    [['--sizes=10,x'], '--sizes is x'],
    [['--sizes=10,29', '--more=20'], '--sizes is 10,29'],
    [['--more=0'], '--more is 0'],
  ])('refuses %j', (args, message) => {
    expect(() => parseDuplicatesArguments(args)).toThrow(message);
  });
});
