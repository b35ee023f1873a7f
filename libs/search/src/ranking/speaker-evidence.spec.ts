import { namesIn } from './names.js';
import { memoryOf } from './ranking-input.fixture.js';
import { firstPersonEvidence, speakerEvidence } from './speaker-evidence.js';

const memories = [
  memoryOf({ speaker: 'Ines Moor', content: 'I keep bees' }),
  memoryOf({ speaker: 'Tariq', content: 'She keeps bees' }),
  memoryOf({ speaker: undefined, content: 'I keep notes' }),
  memoryOf({ speaker: 'Ines Moor', content: 'Bees sleep' }),
];
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

  it('knows the stem of a name, not the start of one', () => {
    const { isName } = namesIn('', memories);
    expect(isName('tariq')).toBe(true);
    expect(isName('ine')).toBe(true);
    expect(isName('ta')).toBe(false);
  });

  it('counts for that speaker, against others, and not at all without a speaker', () => {
    expect([...speakerEvidence(memories, 'Ines Moor')]).toEqual([1, -1, 0, 1]);
    expect([...speakerEvidence(memories, undefined)]).toEqual([0, 0, 0, 0]);
  });

  it('sees when the speaker asked about speaks of themselves', () => {
    expect([...firstPersonEvidence(memories, 'Ines Moor')]).toEqual([1, 0, 0, 0]);
    expect([...firstPersonEvidence(memories, undefined)]).toEqual([0, 0, 0, 0]);
  });
});
