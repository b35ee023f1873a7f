import { namesIn } from './names.js';
import { memoryOf } from './ranking-input.fixture.js';
import { firstPersonEvidence, speakerEvidence } from './speaker-evidence.js';
import { TextCache } from './text-cache.js';

const memories = [
  memoryOf({ speaker: 'Ines Moor', content: 'I keep bees' }),
  memoryOf({ speaker: 'Tariq', content: 'She keeps bees' }),
  memoryOf({ speaker: undefined, content: 'I keep notes' }),
  memoryOf({ speaker: 'Ines Moor', content: 'Bees sleep' }),
];
const cache = new TextCache();
const texts = memories.map(({ content }) => cache.read(content));
const asked = (query: string): string | undefined => namesIn(query, memories).asked;

describe('speakers named by a query', () => {
  it('knows a speaker by any word of the name, whatever its case', () => {
    expect(asked("What does ines' neighbour say?")).toBe('Ines Moor');
    expect(asked('Is MOOR at home?')).toBe('Ines Moor');
  });

  it('asks about nobody when the query names none, or two', () => {
    expect(asked('Who keeps bees?')).toBeUndefined();
    expect(asked('Did Ines tell Tariq?')).toBeUndefined();
    expect(asked('')).toBeUndefined();
  });

  it('takes the sides of a chat for nobody, whatever the query says', () => {
    const chat = [memoryOf({ speaker: 'user' }), memoryOf({ speaker: 'Assistant' })];
    const names = namesIn('Which user did the assistant greet?', [...memories, ...chat]);
    expect(names.asked).toBeUndefined();
    expect(names.people).toEqual(['Ines Moor', 'Tariq']);
  });

  it('finds a name in a script without spaces', () => {
    const chinese = [memoryOf({ speaker: '小明' }), memoryOf({ speaker: '李华' })];
    expect(namesIn('小明喜欢什么茶?', chinese).asked).toBe('小明');
    expect(namesIn('谁喜欢茶?', chinese).asked).toBeUndefined();
  });

  it('counts for that speaker, against others, and not at all without a speaker', () => {
    expect([...speakerEvidence(memories, 'Ines Moor')]).toEqual([1, -1, 0, 1]);
    expect([...speakerEvidence(memories, undefined)]).toEqual([0, 0, 0, 0]);
  });

  it('sees when the speaker asked about speaks of themselves', () => {
    expect([...firstPersonEvidence(memories, texts, 'Ines Moor')]).toEqual([1, 0, 0, 0]);
    expect([...firstPersonEvidence(memories, texts, undefined)]).toEqual([0, 0, 0, 0]);
  });
});
