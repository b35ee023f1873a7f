import { isIdeographic, wordsOf } from './words.js';

describe(wordsOf.name, () => {
  it('gives words in lower case, marks left out', () => {
    expect(wordsOf("Ines' boat: No. 7!")).toEqual(['ines', 'boat', 'no', '7']);
    expect(wordsOf('...')).toEqual([]);
  });

  it('reads Chinese, Japanese and Korean by pairs of characters', () => {
    expect(wordsOf('我喜欢茶')).toEqual(['我喜', '喜欢', '欢茶']);
    expect(wordsOf('茶 コーヒー')).toEqual(['茶', 'コー', 'ーヒ', 'ヒー']);
    expect(wordsOf('iPhone是小明的')).toEqual(['iphone', '是小', '小明', '明的']);
  });

  it('takes no other script for one of these', () => {
    expect(['Straße', 'Москва', '1984', '—'].some(isIdeographic)).toBe(false);
    expect(['茶', 'ティー', '차', 'tea 茶'].every(isIdeographic)).toBe(true);
  });
});
