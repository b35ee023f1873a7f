import type { NewMemory } from '../contract.ts';

interface Conversation {
  readonly begins: string;
  /** A minute apart, Ann and Ben in turn. */
  readonly turns: readonly string[];
}

const CONVERSATIONS: readonly Conversation[] = [
  {
    begins: '2026-03-02T09:00:00Z',
    turns: [
      'The launch of the kettle was planned for April.',
      'The factory in Kyoto needs two more weeks for the copper.',
      'Then the launch of the kettle moves to May.',
      'I will tell the shops that the launch moved to May.',
      'By the way, Miso the cat is ill.',
      'Oh no. Is Miso eating?',
      'Miso eats a little, and the vet comes today.',
    ],
  },
  {
    begins: '2026-03-02T16:30:00Z',
    turns: [
      'The vet says that Miso the cat has a cold.',
      'Good that it is only a cold.',
      'Miso gets drops twice a day for a week.',
      'I can give Miso the drops on Thursday.',
    ],
  },
  {
    begins: '2026-03-04T10:00:00Z',
    turns: [
      'The shops agree to May, but they want a poster.',
      'Who draws the poster for the shops?',
      'Cleo draws the poster, she did the last one.',
      'Cleo asks 400 euros for a poster.',
      'The budget for the launch has 600 euros left.',
      'So Cleo draws the poster for 400 euros.',
    ],
  },
  {
    begins: '2026-03-17T09:15:00Z',
    turns: [
      'The copper has arrived in Kyoto.',
      'The factory in Kyoto begins with the kettles on Monday.',
      'Cleo sent the poster, it shows the kettle in the rain.',
      'I like the kettle in the rain.',
      'Miso is well again and sleeps on the poster.',
    ],
  },
  {
    begins: '2026-03-18T11:00:00Z',
    turns: [
      'The first kettles leave the factory on the third of April.',
      'The ship takes three weeks from Kyoto.',
      'Then the kettles are in the shops by the first of May.',
      'The launch is on the fourth of May.',
    ],
  },
];

/** The episodes that the drawing of docs/hierarchy.md is made of. */
export const EXAMPLE_EPISODES: readonly NewMemory[] = CONVERSATIONS.flatMap(
  ({ begins, turns }, session) =>
    turns.map((content, turn) => ({
      content,
      session_id: `conversation ${session + 1}`,
      speaker: turn % 2 === 0 ? 'Ann' : 'Ben',
      occurred_at: new Date(Date.parse(begins) + turn * 60_000).toISOString(),
    })),
);
