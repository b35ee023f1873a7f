import fc from 'fast-check';
import { TextCache } from './text-cache.js';

const word = fc.constantFrom('Kettle', 'kettles', 'I', 'the', '1984', '茶壶', 'yesterday?', 'boat');
const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '));

describe(TextCache.name, () => {
  it('gives what a new one would give, however much was read before', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 30 }), text, (before, last) => {
        const used = new TextCache(4);
        for (const one of before) expect(used.read(one).counted).toBeDefined();
        const { counted, question, time, self } = used.read(last);
        const fresh = new TextCache().read(last);
        expect([question, time, self]).toEqual([fresh.question, fresh.time, fresh.self]);
        expect(counted.counts).toEqual(fresh.counted.counts);
        expect(counted.length).toBe(fresh.counted.length);
      }),
    );
  });

  it('counts stems of words that carry meaning, of ideographs by pairs', () => {
    const { counts, length } = new TextCache().read('The kettles: a kettle in 茶壶').counted;
    expect([...counts]).toEqual([2, 1]);
    expect(length).toBe(3);
  });

  it('keeps a text that is used again and forgets what is not', () => {
    const cache = new TextCache(4);
    const kept = cache.read('kettle');
    cache.read('boat');
    cache.read('oar');
    expect(cache.read('kettle')).toBe(kept);
    for (const other of ['a', 'b', 'c', 'd', 'e']) cache.read(other);
    expect(cache.read('kettle')).not.toBe(kept);
  });
});
