import { memoryOf } from './ranking-input.fixture.js';
import { chatRole, roleEvidence } from './role-evidence.js';

const memories = [
  memoryOf({ speaker: 'User' }),
  memoryOf({ speaker: 'assistant' }),
  memoryOf({ speaker: 'Ines', role: 'assistant' }),
  memoryOf({ speaker: 'Tariq' }),
  memoryOf({ speaker: undefined }),
];

describe(roleEvidence.name, () => {
  it("puts a user's words above an assistant's, and says nothing of a person's", () => {
    expect([...roleEvidence(memories, 'Which tea do I like?')]).toEqual([1, -1, -1, 0, 0]);
  });

  it('turns round where the query asks what the assistant said', () => {
    for (const query of ['Which tea did you recommend?', 'the tea you told me about']) {
      expect([...roleEvidence(memories, query)]).toEqual([-1, 1, 1, 0, 0]);
    }
    expect(roleEvidence(memories, 'Can you say which tea I like?')[0]).toBe(1);
  });

  it('knows a role by the whole of it, not by a part of a name', () => {
    expect(chatRole(memoryOf({ speaker: 'Aida' }))).toBeUndefined();
    expect(chatRole(memoryOf({ speaker: 'Human' }))).toBe('user');
    expect(chatRole(memoryOf({ speaker: 'AI' }))).toBe('assistant');
  });
});
