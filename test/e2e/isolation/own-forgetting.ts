import type { ArchivePage, DecayStep, FeedbackAnswer, Salience } from '@soma/forgetting';
import type { Memory } from '@soma/memory';
import type { OperationKey } from './operations.js';
import type { OwnRequest, Turn } from './turn.js';
import { withQuery } from './probe.js';

/** In a namespace of its own, so faint that the policy of the party takes it. */
async function storeFaint({ session, party, random }: Turn): Promise<Memory> {
  const { status, body } = await session.send<Memory>('POST /memories', party, {
    path: '/memories',
    body: {
      namespace: `passing-${random.hex(8)}`,
      coord: '1,1',
      content: `Faint, ${party.canary}.`,
      importance: 0.001,
    },
  });
  expect(status).toBe(201);
  return body;
}

async function useAndHold(turn: Turn): Promise<void> {
  const { session, party } = turn;
  const { id } = await storeFaint(turn);
  const path = `/memories/${id}`;
  const salience = await session.send<Salience>('GET /memories/{address}/salience', party, {
    path: `${path}/salience`,
  });
  expect(salience).toMatchObject({ status: 200, body: { id, held: false } });
  const given = await session.send<FeedbackAnswer>('POST /memories/{address}/feedback', party, {
    path: `${path}/feedback`,
    body: { expected: 'this', outcome: `that, of ${party.canary}` },
  });
  expect(given.body).toMatchObject({ id, correct: false });
  const listed = await session.send('GET /memories/{address}/feedback', party, {
    path: `${path}/feedback`,
  });
  expect(listed.body).toMatchObject({ feedback: [{ correct: false }] });
  const held = await session.send('PUT /memories/{address}/hold', party, {
    path: `${path}/hold`,
    body: { reason: party.canary },
  });
  expect(held.body).toMatchObject({ memory_id: id, reason: party.canary });
  const lifted = await session.send('DELETE /memories/{address}/hold', party, {
    path: `${path}/hold`,
  });
  expect(lifted.status).toBe(204);
}

async function decayAndRestore(turn: Turn): Promise<void> {
  const { session, party } = turn;
  const { id, namespace } = await storeFaint(turn);
  const decay = async () => {
    const { body } = await session.send<DecayStep>('POST /hierarchy/decay', party, {
      path: '/hierarchy/decay',
      body: { dry_run: false, namespace },
    });
    expect(body.memories).toMatchObject([{ id, action: 'archive' }]);
  };
  await decay();
  const { body } = await session.send<ArchivePage>('GET /hierarchy/archive', party, {
    path: withQuery('/hierarchy/archive', { namespace }),
  });
  expect(body.archived).toMatchObject([{ id, content: `Faint, ${party.canary}.` }]);
  const restored = await session.send<Memory>('POST /hierarchy/archive/{id}/restore', party, {
    path: `/hierarchy/archive/${id}/restore`,
    body: {},
  });
  expect(restored).toMatchObject({ status: 200, body: { id } });
  await decay();
  const gone = await session.send('DELETE /hierarchy/archive/{id}', party, {
    path: `/hierarchy/archive/${id}`,
  });
  expect(gone.status).toBe(204);
}

async function readPolicy({ session, party }: Turn): Promise<void> {
  const { body } = await session.send('GET /admin/tenants/{tenant}/decay-policy', party, {
    path: `/admin/tenants/${party.client.tenantId}/decay-policy`,
  });
  expect(body).toMatchObject({ policy: { prune: { below: 0.01 } } });
}

export const OWN_FORGETTING: Readonly<Record<OperationKey, readonly OwnRequest[]>> = {
  'GET /memories/{address}/salience': [useAndHold],
  'POST /memories/{address}/feedback': [useAndHold],
  'GET /memories/{address}/feedback': [useAndHold],
  'PUT /memories/{address}/hold': [useAndHold],
  'DELETE /memories/{address}/hold': [useAndHold],
  'POST /hierarchy/decay': [decayAndRestore],
  'GET /hierarchy/archive': [decayAndRestore],
  'POST /hierarchy/archive/{id}/restore': [decayAndRestore],
  'DELETE /hierarchy/archive/{id}': [decayAndRestore],
  'GET /admin/tenants/{tenant}/decay-policy': [readPolicy],
};
