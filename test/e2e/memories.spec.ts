import { type Client, type Service, startService } from './service.js';

describe('memories', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
  });
  afterAll(() => service.close());

  it('P1 stores a memory at a coordinate with payload and type', async () => {
    const stored = await ours.post('/memories', {
      coord: '1.0,2.0,3.0',
      payload: { text: 'The user likes tea.', n: 1.5 },
      memory_type: 'semantic',
    });
    expect(stored.status).toBe(201);
    expect(stored.body).toMatchObject({
      coordinate: '1,2,3',
      payload: { text: 'The user likes tea.', n: 1.5 },
      memory_type: 'semantic',
      content: 'The user likes tea.',
      version: 1,
    });
  });

  it('P3 reads by coordinate, counting accesses', async () => {
    const first = await ours.get('/memories/1,2,3');
    const second = await ours.get('/memories/1.0,2.00,3');
    expect([first.body.access_count, second.body.access_count]).toEqual([1, 2]);
    expect(second.body.last_accessed_at).not.toBeNull();
  });

  it('does not read a memory of another tenant', async () => {
    const { body } = await ours.get('/memories/1,2,3');
    for (const address of ['1,2,3', body.id]) {
      const answer = await theirs.get(`/memories/${address}`);
      expect(answer.status).toBe(404);
      expect(answer.body.code).toBe('MEMORY_NOT_FOUND');
    }
  });

  it('P5 finds a memory by words, with a score', async () => {
    const found = await ours.post('/memories/search', { query: 'what does the user like' });
    expect(found.body.memories[0]).toMatchObject({ coordinate: '1,2,3' });
    expect(found.body.memories[0].score).toBeGreaterThan(0);
    expect(found.body.partial).toBe(false);
  });

  it('does not find a memory of another tenant', async () => {
    const found = await theirs.post('/memories/search', { query: 'what does the user like' });
    expect(found.body.memories).toEqual([]);
  });
});
