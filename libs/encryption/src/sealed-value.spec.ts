import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { SomaError } from '@soma/core';
import fc from 'fast-check';
import { keyVersionOf, type Place, seal, SEALED_OVERHEAD, unseal } from './sealed-value.js';

const RUNS = 1_000;
const key = createSecretKey(randomBytes(32));
const otherKey = createSecretKey(randomBytes(32));
const always = (): KeyObject => key;

const texts = fc.string({ unit: 'binary', maxLength: 40 });
const places: fc.Arbitrary<Place> = fc.record({ tenantId: texts, rowId: texts, column: texts });
const versions = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const values = fc.uint8Array({ maxLength: 300 });

function refused(open: () => unknown): void {
  try {
    open();
  } catch (error) {
    expect(error).toBeInstanceOf(SomaError);
    expect(error).toMatchObject({ code: 'DECRYPTION_FAILED' });
    return;
  }
  throw new Error('It was opened.');
}

describe(seal, () => {
  it('P38 gives back what it was given, with the version of the key, 33 bytes longer', () => {
    fc.assert(
      fc.property(places, versions, values, (place, version, plain) => {
        const sealed = seal({ version, key }, place, plain);
        expect(sealed).toHaveLength(plain.length + SEALED_OVERHEAD);
        expect(keyVersionOf(sealed, place)).toBe(version);
        const asked: number[] = [];
        const keyOf = (of: number): KeyObject => {
          asked.push(of);
          return key;
        };
        expect(unseal(keyOf, place, sealed)).toEqual(Buffer.from(plain));
        expect(asked).toEqual([version]);
      }),
      { numRuns: RUNS },
    );
  });

  it('P38 never gives the same bytes twice', () => {
    const place = { tenantId: 'a', rowId: 'b', column: 'c' };
    const sealed = Array.from({ length: RUNS }, () =>
      seal({ version: 1, key }, place, Buffer.from('same')).toString('hex'),
    );
    expect(new Set(sealed).size).toBe(RUNS);
  });
});

describe(unseal, () => {
  it('P38 refuses a value of another tenant, row or column, however the names divide', () => {
    fc.assert(
      fc.property(places, places, values, (place, other, plain) => {
        fc.pre(JSON.stringify(place) !== JSON.stringify(other));
        const sealed = seal({ version: 1, key }, place, plain);
        refused(() => unseal(always, other, sealed));
        const { tenantId, rowId, column } = place;
        const shifted = { tenantId: tenantId + rowId, rowId: '', column };
        if (rowId !== '') refused(() => unseal(always, shifted, sealed));
      }),
      { numRuns: RUNS },
    );
  });

  it('P38 refuses a value of which one bit was flipped, wherever it is', () => {
    const place = { tenantId: 't', rowId: 'm', column: 'memories.content' };
    const sealed = seal(
      { version: 7, key },
      place,
      Buffer.from('a secret of forty or so bytes, no less'),
    );
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const flipped = Buffer.from(sealed);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => unseal(always, place, flipped)).toThrow(SomaError);
    }
  });

  it('P38 refuses what is cut short, lengthened, or never was sealed', () => {
    fc.assert(
      fc.property(places, values, values, fc.nat(400), (place, plain, noise, end) => {
        const sealed = seal({ version: 1, key }, place, plain);
        if (end < sealed.length) refused(() => unseal(always, place, sealed.subarray(0, end)));
        if (noise.length > 0) refused(() => unseal(always, place, Buffer.concat([sealed, noise])));
        refused(() => unseal(always, place, noise));
      }),
      { numRuns: RUNS },
    );
  });

  it('P38 refuses another key, and names a version that is not there', () => {
    const place = { tenantId: 't', rowId: 'm', column: 'memories.content' };
    const sealed = seal({ version: 3, key }, place, Buffer.from('secret'));
    refused(() => unseal(() => otherKey, place, sealed));
    expect(() => unseal(() => undefined, place, sealed)).toThrow(
      'The encrypted memories.content of m cannot be read: its key version 3 is not there.',
    );
  });
});
