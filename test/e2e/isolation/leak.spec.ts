import { comparable, leaksIn } from './leak.js';
import { namesOfNothing, type Party } from './party.js';
import { SeededRandom } from './seeded-random.js';

const random = new SeededRandom(7);

function aParty(name: string, base: string): Party {
  const tokenId = random.hex(16);
  const tenantId = random.uuid();
  const unused = () => Promise.reject(new Error('This party sends nothing.'));
  return {
    client: {
      tenantId,
      token: '',
      tokenId,
      get: unused,
      post: unused,
      patch: unused,
      delete: unused,
      store: unused,
      storeAll: unused,
      read: unused,
      list: unused,
      search: unused,
      deleteBy: unused,
      link: unused,
      neighbors: unused,
      path: unused,
      stats: unused,
      settledStats: unused,
    },
    canary: `canary-${name}-${random.hex(8)}`,
    base,
    claimBase: '0.5',
    vault: [],
    private: [],
    namespace: `of-${name}-${random.hex(8)}`,
    tag: `tag-${name}-${random.hex(8)}`,
    cursor: '',
    idempotencyKey: `key-${name}-${random.hex(8)}`,
    spareTokenId: tokenId,
    lockToken: `lease_${random.hex(43)}`,
    receiptId: random.uuid(),
    archivedId: '01890000-0000-7000-8000-0000000000aa',
    mergedId: '01890000-0000-7000-8000-0000000000ab',
    seen: new Set([tenantId, tokenId]),
    writes: new Map(),
  };
}

const answerWith = (body: unknown, headers: Record<string, string> = {}, status = 200) => ({
  status,
  headers: new Headers(headers),
  body,
});

describe(leaksIn, () => {
  const ours = aParty('ours', '71.0625');
  const theirs = aParty('theirs', '83.0625');

  it("finds each of the other's marks, in texts, keys and headers", () => {
    const marks = [
      theirs.canary,
      theirs.client.tenantId,
      theirs.client.tokenId,
      theirs.namespace,
      theirs.tag,
      theirs.idempotencyKey,
      theirs.lockToken,
      theirs.receiptId,
    ];
    for (const mark of marks) {
      expect(leaksIn(answerWith({ a: [{ b: `x ${mark} y` }] }), ours, [theirs])).toEqual([mark]);
      expect(leaksIn(answerWith({ [mark]: 1 }), ours, [theirs])).toEqual([mark]);
      expect(leaksIn(answerWith('', { 'x-any': mark }), ours, [theirs])).toEqual([mark]);
      expect(leaksIn(answerWith(`plain ${mark}`), ours, [theirs])).toEqual([mark]);
    }
    const coordinate = answerWith({ coordinate: `${theirs.base},4` });
    expect(leaksIn(coordinate, ours, [theirs])).toEqual([`${theirs.base},`]);
    const capitals = answerWith({ id: theirs.client.tenantId.toUpperCase() });
    expect(leaksIn(capitals, ours, [theirs])).toEqual([theirs.client.tenantId]);
  });

  it('finds nothing in what is ours, or of nobody', () => {
    const own = {
      text: ours.canary,
      id: ours.client.tenantId,
      at: `${ours.base},4`,
      tag: ours.tag,
    };
    expect(leaksIn(answerWith(own), ours, [theirs])).toEqual([]);
    const seconds = answerWith({ latency: 0.8324974039999995, id: random.uuid() });
    expect(leaksIn(seconds, ours, [theirs])).toEqual([]);
  });

  it('lets an error repeat the names sent in its detail, and nowhere else', () => {
    const sent = { ...namesOfNothing(random), tenantId: theirs.client.tenantId };
    const detail = { detail: `There is no tenant ${sent.tenantId}.` };
    expect(leaksIn(answerWith(detail, {}, 404), ours, [theirs], sent)).toEqual([]);
    expect(leaksIn(answerWith(detail, {}, 404), ours, [theirs])).toEqual([sent.tenantId]);
    const elsewhere = answerWith({ tenant_id: sent.tenantId }, {}, 404);
    expect(leaksIn(elsewhere, ours, [theirs], sent)).toEqual([sent.tenantId]);
  });

  it('lets nobody without a token see marks of either', () => {
    const answer = answerWith({ text: ours.canary, id: theirs.client.tenantId });
    expect(leaksIn(answer, undefined, [ours, theirs])).toEqual([
      ours.canary,
      theirs.client.tenantId,
    ]);
  });
});

describe(comparable, () => {
  it('takes out the names sent and the request id, and keeps every other difference', () => {
    const [left, right] = [namesOfNothing(random), namesOfNothing(random)];
    const problem = (names: typeof left, more = {}) => ({
      code: 'MEMORY_NOT_FOUND',
      request_id: random.uuid(),
      detail: Object.values(names).flat().join(' '),
      ...more,
    });
    const compared = (names: typeof left, more = {}, status = 404) =>
      comparable(answerWith(problem(names, more), {}, status), names);
    expect(compared(left)).toEqual(compared(right));
    expect(compared(left)).not.toEqual(compared(right, { code: 'FORBIDDEN' }));
    expect(compared(left)).not.toEqual(compared(right, { hint: 'it exists' }));
    expect(compared(left)).not.toEqual(compared(right, {}, 403));
  });
});
