import { asks, has, questionShare, speaksOfSelf, withoutSpeaker } from './text-cues.js';

describe('cues of a text', () => {
  it('knows what kind of answer is asked for', () => {
    expect(asks.when('When did it rain?')).toBe(true);
    expect(asks.when('Why did it rain?')).toBe(false);
    expect(asks.number('How many boats?')).toBe(true);
    expect(asks.name('Which book was it?')).toBe(true);
  });

  it('sees whether a memory holds such an answer, attachments aside', () => {
    expect(has.time('We met last week')).toBe(true);
    expect(has.number('a dozen eggs')).toBe(true);
    expect(has.name('we went to Lisbon')).toBe(true);
    expect(has.name('we went [a photo of Lisbon]')).toBe(false);
  });

  it('counts a text as a question only when it ends with one', () => {
    expect(questionShare('I rowed. Did you?')).toBe(0.5);
    expect(questionShare('Did you? I rowed.')).toBe(0);
    expect(questionShare('')).toBe(0);
  });

  it('knows the same cues in Chinese', () => {
    expect(asks.when('你什么时候去的?')).toBe(true);
    expect(asks.number('有多少条船?')).toBe(true);
    expect(asks.name('谁喜欢茶?')).toBe(true);
    expect(has.time('我昨天去了')).toBe(true);
    expect(questionShare('我去了。你呢？')).toBe(0.5);
    expect(questionShare('你去了吗')).toBe(1);
    expect(speaksOfSelf('我喜欢茶')).toBe(true);
  });

  it("takes off the speaker's own name only", () => {
    expect(withoutSpeaker('Ines: hello', 'Ines')).toBe('hello');
    expect(withoutSpeaker('Tariq: hello', 'Ines')).toBe('Tariq: hello');
    expect(withoutSpeaker('Note: hello', undefined)).toBe('Note: hello');
  });
});
