import { drawnContext } from './drawn-context.js';
import { storeMemorySchema } from './memory.schema.js';

const drawn = (request: object) =>
  drawnContext(storeMemorySchema.parse({ content: 'Ada drinks tea.', ...request }));

describe(drawnContext.name, () => {
  it('draws what is not given from the metadata', () => {
    const metadata = {
      session_id: 's-17',
      speaker: 'Ada',
      role: 'user',
      occurred_at: '2026-05-01T10:00:00+02:00',
    };
    expect(drawn({ metadata })).toEqual({
      session_id: 's-17',
      speaker: 'Ada',
      occurred_at: '2026-05-01T08:00:00.000Z',
    });
  });

  it('takes the role where the metadata names no speaker', () => {
    expect(drawn({ metadata: { role: 'assistant' } }).speaker).toBe('assistant');
    expect(drawn({ metadata: { speaker: 7, role: 'assistant' } }).speaker).toBe('assistant');
  });

  it('keeps what is given', () => {
    const given = { session_id: 's-1', speaker: 'Bo', occurred_at: '2026-01-01T00:00:00.000Z' };
    const metadata = { session_id: 's-2', speaker: 'Ada', occurred_at: '2025-01-01T00:00:00Z' };
    expect(drawn({ ...given, metadata })).toEqual(given);
  });

  it.each([
    ['a number', 17],
    ['null', null],
    ['an empty text', ''],
    ['a text that is too long', 'x'.repeat(201)],
    ['a text that cannot be stored', 'half \ud83d'],
    ['an object', { id: 's-17' }],
  ])('leaves %s alone', (_, value) => {
    const metadata = { session_id: value, speaker: value, role: value, occurred_at: value };
    const nothing = { session_id: null, speaker: null, occurred_at: null };
    expect(drawn({ metadata })).toEqual(nothing);
  });

  it.each(['yesterday', '2026-05-01', '2026-05-01T10:00:00', '2026-13-01T10:00:00Z'])(
    'leaves the time %j alone, which the field itself would refuse',
    (occurred_at) => {
      expect(drawn({ metadata: { occurred_at } }).occurred_at).toBeNull();
      expect(storeMemorySchema.safeParse({ content: 'x', occurred_at }).success).toBe(false);
    },
  );
});
