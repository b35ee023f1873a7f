import { exactNames } from './exact-names.js';

const ID = '01890a5d-ac96-774b-bcce-b302099a8057';

describe(exactNames.name, () => {
  it.each([
    ['a word', 'What about Ada?', 'Ada'],
    ['two words', 'ask Ada Lovelace about it', 'Ada Lovelace'],
    ['words joined as a tag is', 'the release notes of May', 'release-notes'],
    ['words joined by underscores', 'the release notes of May', 'release_notes'],
    ['a hashtag', 'everything under #release-notes', 'release-notes'],
    ['a name in quotes', 'what is in "inbox"?', 'inbox'],
  ])('finds %s', (_, query, name) => {
    expect(exactNames(query).names).toContain(name);
  });

  it('finds ids, in any case and punctuation', () => {
    expect(exactNames(`compare (${ID.toUpperCase()}), please`).ids).toEqual([ID]);
  });

  it.each([
    ['a coordinate', 'what lies at 1.0,2.50,-3?', ['1,2.5,-3']],
    ['no single number', 'at 7 sharp', []],
    ['no list of words', 'tea,milk and sugar', []],
    ['a list before a comma', 'at 1,2, and 3', ['1,2']],
  ])('finds %s', (_, query, coordinates) => {
    expect(exactNames(query).coordinates).toEqual(coordinates);
  });

  it('stays small whatever is asked', () => {
    const { names } = exactNames('word '.repeat(4_000).trim());
    expect(names.length).toBeLessThan(10);
    const many = exactNames(Array.from({ length: 4_000 }, (_, n) => `w${n}`).join(' '));
    expect(many.names.length).toBeLessThan(300);
  });
});
