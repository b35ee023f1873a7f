import { parseFaultArguments } from './arguments.ts';

const FAULTS = ['kill milvus', 'milvus black-hole'];

describe(parseFaultArguments.name, () => {
  it('is the short form of everything by default', () => {
    expect(parseFaultArguments([], FAULTS)).toEqual({
      full: false,
      json: false,
      only: [],
      list: false,
      keepLogs: false,
    });
  });

  it('takes several names, also as a list', () => {
    const { only } = parseFaultArguments(['--only', 'Kill,black-hole', '--only', 'milvus'], FAULTS);
    expect(only).toEqual(['kill', 'black-hole', 'milvus']);
  });

  it('refuses what names no fault, and options it does not have', () => {
    expect(() => parseFaultArguments(['--only', 'earthquake'], FAULTS)).toThrow(
      "no fault is called 'earthquake': they are kill milvus, milvus black-hole",
    );
    expect(() => parseFaultArguments(['--long'], FAULTS)).toThrow('npm run test:faults');
  });
});
