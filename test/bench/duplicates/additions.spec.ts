import { episode } from '../consolidate/episodes.ts';
import { additions } from './additions.ts';

const there = Array.from({ length: 40 }, (_, at) => episode(at));
const told = ({ content }: { content?: string }): string | undefined => content?.toLowerCase();

describe('additions', () => {
  it('says one in five again, of episodes from all over, and alike but for its letters', () => {
    const { memories, episodes } = additions(there.length, 20);
    expect([memories.length, episodes]).toEqual([20, 16]);
    const again = memories.slice(episodes);
    expect(again.map((memory) => there.findIndex((old) => told(old) === told(memory)))).toEqual([
      0, 10, 20, 30,
    ]);
    for (const { content, ...rest } of again) {
      expect(there).toContainEqual({ ...rest, content: expect.any(String) as string });
      expect(there.map((old) => old.content)).not.toContain(content);
    }
  });

  it('goes on with the episodes where those that are there end', () => {
    const { memories, episodes } = additions(there.length, 7);
    expect(memories.slice(0, episodes)).toEqual(
      Array.from({ length: episodes }, (_, at) => episode(there.length + at)),
    );
  });
});
