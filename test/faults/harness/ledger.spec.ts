import { Ledger } from './ledger.ts';

const ONE = { marker: 'one', content: 'one text' };
const TWO = { marker: 'two', content: 'two text' };
const answer = (version: number, id = 'a') => ({ id, coordinate: '1', version });

describe(Ledger.name, () => {
  it('expects of a memory what was acknowledged last', () => {
    const ledger = new Ledger();
    const memory = ledger.stored(answer(1), ONE);
    ledger.patched(memory, answer(2), TWO);
    expect(ledger.memories).toEqual([
      {
        id: 'a',
        coordinate: '1',
        version: 2,
        marker: 'two',
        content: 'two text',
        deleted: false,
        isPending: false,
        uncertain: false,
      },
    ]);
    ledger.deleted(memory);
    expect(memory.deleted).toBe(true);
    expect(ledger.acknowledged.map(({ kind, version }) => [kind, version])).toEqual([
      ['store', 1],
      ['patch', 2],
      ['delete', 2],
    ]);
    expect(ledger.contradictions).toEqual([]);
  });

  it('takes a store at a taken coordinate for the next version', () => {
    const ledger = new Ledger();
    expect(ledger.stored(answer(2), TWO)).not.toBe(undefined);
    expect(ledger.contradictions).toEqual([
      'a new memory a was acknowledged with version 2, not 1',
    ]);
    const other = new Ledger();
    expect(other.stored(answer(1), ONE)).toBe(other.stored(answer(2), TWO));
    expect(other.contradictions).toEqual([]);
  });

  it.each([
    ['that was skipped', answer(3)],
    ['that was there before', answer(1)],
    ['of another memory', answer(2, 'b')],
  ])('notes a version %s', (_, acknowledged) => {
    const ledger = new Ledger();
    const memory = ledger.stored(answer(1), ONE);
    ledger.patched(memory, acknowledged, TWO);
    expect(ledger.contradictions).toHaveLength(1);
  });
});
