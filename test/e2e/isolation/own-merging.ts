import type { Duplicates, MergedList, Unmerged } from '@soma/merging';
import type { Memory } from '@soma/memory';
import type { OperationKey } from './operations.js';
import type { OwnRequest, Turn } from './turn.js';

/** In a namespace of its own: two that say the same become one, and come apart again. */
async function mergeAndUnmerge({ session, party, random }: Turn): Promise<void> {
  const namespace = `passing-${random.hex(8)}`;
  const stored: Memory[] = [];
  for (const coord of ['1,1', '2,2']) {
    const { body } = await session.send<Memory>('POST /memories', party, {
      path: '/memories',
      body: { namespace, coord, content: `Said twice, ${party.canary}.` },
    });
    stored.push(body);
  }
  const { body: found } = await session.send<Duplicates>('POST /hierarchy/duplicates', party, {
    path: '/hierarchy/duplicates',
    body: { namespace, dry_run: false },
  });
  expect(found).toMatchObject({ merged: 1, looked_at: 2 });
  const kept = found.clusters[0]?.kept.id ?? '';
  const member = stored.find(({ id }) => id !== kept)?.id ?? '';
  const { body: listed } = await session.send<MergedList>('GET /memories/{address}/merged', party, {
    path: `/memories/${kept}/merged`,
  });
  expect(listed).toMatchObject({
    id: kept,
    merged: [{ id: member, content: `Said twice, ${party.canary}.` }],
  });
  const { body: back } = await session.send<Unmerged>('POST /memories/{address}/unmerge', party, {
    path: `/memories/${member}/unmerge`,
    body: {},
  });
  expect(back).toEqual({ id: kept, unmerged: [{ id: member }], remaining: false });
}

export const OWN_MERGING: Readonly<Record<OperationKey, readonly OwnRequest[]>> = {
  'POST /hierarchy/duplicates': [mergeAndUnmerge],
  'GET /memories/{address}/merged': [mergeAndUnmerge],
  'POST /memories/{address}/unmerge': [mergeAndUnmerge],
};
