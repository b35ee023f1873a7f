import type { Memory } from '@soma/memory';
import type { Client } from './client.js';
import { ok, sendRequest } from './http.js';

/** Many, so that no two texts are nearly the same: float32 and float64 then agree on every order. */
const WORDS = Array.from({ length: 997 }, (_, n) => `w${(n * 7_919 + 11).toString(36)}`);
const QUERIES = 50;
const BULK = 200;
/** Ranking knows time: every search is made as of one moment. */
const AT = '2026-01-01T00:00:00Z';

export const textOf = (number: number): string =>
  Array.from({ length: 12 }, (_, at) => WORDS[(number * 631 + at * at * 89 + at * 31) % 997]).join(
    ' ',
  );

/** Memories, a second version of some, links, and a namespace in another language. */
export async function fillTenant(client: Client, url: string, memories: number, mark: string) {
  for (let from = 0; from < memories; from += BULK) {
    const length = Math.min(BULK, memories - from);
    await client.storeAll(
      Array.from({ length }, (_, at) => ({
        coord: `${from + at}`,
        content: `${textOf(from + at)} ${mark} ${from + at}`,
        session_id: `session ${(from + at) % 7}`,
        tags: [mark],
      })),
    );
  }
  for (let number = 0; number < 20; number += 1) {
    await client.store({ coord: `${number}`, content: `${textOf(number)} ${mark} again` });
    await client.link(`${number}`, `${number + 1}`, { link_type: 'next' });
  }
  await ok(
    sendRequest(url, 'PUT', '/namespaces/deutsch', {
      token: client.token,
      body: { language: 'german' },
    }),
  );
  await client.store({ namespace: 'deutsch', coord: '1', content: `Die Häuser ${mark}` });
}

/** The ids of the ten best of fifty queries, in order. */
async function answersOf(client: Client): Promise<string[][]> {
  const answers: string[][] = [];
  for (let query = 0; query < QUERIES; query += 1) {
    const found = await client.search(textOf(query * 3), { top_k: 10, at: AT });
    if (found.partial) throw new Error('A search was partial.');
    answers.push(found.memories.map(({ id }) => id));
  }
  return answers;
}

/** What a tenant sees of `default` and `deutsch`: memories, versions, links, languages, and answers. */
export async function pictureOf(client: Client) {
  const { memories, versions, links } = await client.stats('namespace=default');
  const german = await client.search('Haus', { namespace: 'deutsch', recipe: 'lexical' });
  return {
    counts: { memories, versions, links },
    listed: await everyMemory(client),
    german: german.memories.map(({ id }) => id),
    language: (await ok(client.get<{ language: string }>('/namespaces/deutsch'))).language,
    neighbors: await client.neighbors('coord=3&depth=3'),
    answers: await answersOf(client),
  };
}

export type TenantPicture = Awaited<ReturnType<typeof pictureOf>>;

export async function everyMemory(client: Client, namespace = 'default'): Promise<Memory[]> {
  const memories: Memory[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query = `namespace=${namespace}&limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const page = await client.list(query);
    memories.push(...page.memories);
    cursor = page.next_cursor;
  }
  return memories;
}
