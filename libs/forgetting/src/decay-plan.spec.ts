import fc from 'fast-check';
import { saysTheSame } from './correction.js';
import { type DecayCandidate, decayOf, withoutKeys } from './decay-plan.js';
import { type DecayPolicy, decayPolicySchema } from './decay-policy.schema.js';

const DAY_MS = 86_400_000;
const key = fc.constantFrom('raw', 'trace', 'detail', 'kept');
const object = fc.dictionary(key, fc.integer());
const threshold = {
  after_days: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
  below: fc.double({ min: 0, max: 1, noNaN: true }),
};

const candidates: fc.Arbitrary<DecayCandidate> = fc.record({
  id: fc.uuid(),
  namespace: fc.constant('default'),
  coordinate: fc.constant('1'),
  version: fc.constant(1),
  salience: fc.double({ min: 0, max: 1, noNaN: true }),
  idleMs: fc.integer({ min: 0, max: 200 * DAY_MS }),
  payload: object,
  metadata: object,
});

const policies: fc.Arbitrary<Pick<DecayPolicy, 'prune' | 'levels'>> = fc.record({
  prune: fc.option(fc.record(threshold), { nil: null }),
  levels: fc.array(
    fc.record({ ...threshold, payload_keys: fc.array(key), metadata_keys: fc.array(key) }),
    { maxLength: 4 },
  ),
});

describe('what a policy does to a memory', () => {
  it('is nothing more once it is done', () => {
    fc.assert(
      fc.property(candidates, policies, (candidate, policy) => {
        const decayed = decayOf(candidate, policy);
        if (decayed === undefined || decayed.action === 'archive') return;
        const after = {
          ...candidate,
          payload: withoutKeys(candidate.payload, decayed.payload_keys),
          metadata: withoutKeys(candidate.metadata, decayed.metadata_keys),
        };
        expect(decayOf(after, policy)).toBeUndefined();
      }),
    );
  });

  it('takes no key that the memory does not have, nor one that no level names', () => {
    fc.assert(
      fc.property(candidates, policies, (candidate, policy) => {
        const decayed = decayOf(candidate, policy);
        const named = policy.levels.flatMap((level) => level.payload_keys);
        for (const gone of decayed?.payload_keys ?? []) {
          expect(Object.keys(candidate.payload)).toContain(gone);
          expect(named).toContain(gone);
        }
      }),
    );
  });

  it('never spares by more time what it takes by less', () => {
    fc.assert(
      fc.property(candidates, policies, fc.nat(DAY_MS), (candidate, policy, more) => {
        if (decayOf(candidate, policy)?.action !== 'archive') return;
        const older = { ...candidate, idleMs: candidate.idleMs + more };
        expect(decayOf(older, policy)?.action).toBe('archive');
      }),
    );
  });

  it('needs a threshold, and a level needs a key', () => {
    expect(decayPolicySchema.safeParse({ prune: {} }).success).toBe(false);
    expect(decayPolicySchema.safeParse({ levels: [{ below: 0.1 }] }).success).toBe(false);
    expect(decayPolicySchema.parse({})).toMatchObject({ levels: [], prune: null, every_hours: 24 });
  });
});

describe('what was expected', () => {
  it('happened but for case, spaces and the stop', () => {
    expect(saysTheSame('It opens  at 9.', 'it opens at 9')).toBe(true);
    expect(saysTheSame('It opens at 9', 'It opens at 10')).toBe(false);
  });
});
