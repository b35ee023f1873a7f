import { instantOf, memoryOf, searchOf } from './dataset.ts';

const doc = {
  id: 'D1:1',
  text: 'Ana: hello',
  ts: '2023-05-08T13:56:00',
  group: 'conv-1',
  speaker: 'Ana',
  session: 'session_1',
  pos: 0,
};

describe('memoryOf', () => {
  it("puts speaker, session and time into the API's own fields", () => {
    expect(memoryOf(doc)).toEqual({
      content: 'Ana: hello',
      namespace: 'conv-1',
      session_id: 'session_1',
      speaker: 'Ana',
      occurred_at: '2023-05-08T13:56:00.000Z',
      metadata: { doc_id: 'D1:1', pos: 0 },
    });
  });

  it('leaves an unknown speaker out and carries the sequence number', () => {
    const memory = memoryOf({ ...doc, speaker: '', seq: 3 });
    expect(memory.speaker).toBeUndefined();
    expect(memory.metadata).toEqual({ doc_id: 'D1:1', pos: 0, seq: 3 });
  });
});

describe('searchOf', () => {
  const query = { id: 'q', text: 'who?', gold: ['D1:1'], category: 'c', group: 'conv-1' };

  it('asks in the namespace of the query only', () => {
    expect(searchOf(query, 100)).toEqual({ query: 'who?', namespace: 'conv-1', top_k: 100 });
  });

  it('sees nothing from the time of the question on', () => {
    expect(searchOf({ ...query, seq: 9 }, 5).filter).toEqual({ 'metadata.seq': { lt: 9 } });
  });
});

describe('instantOf', () => {
  it('reads times without a zone as UTC, whatever the zone of the machine', () => {
    expect(
      ['2025-12-20', '2025-12-20T01:02:03', '2025-12-20T01:02:03+01:00'].map(instantOf),
    ).toEqual(['2025-12-20T00:00:00.000Z', '2025-12-20T01:02:03.000Z', '2025-12-20T00:02:03.000Z']);
  });
});
