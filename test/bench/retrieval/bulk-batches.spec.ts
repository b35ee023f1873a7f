import fc from 'fast-check';
import { bulkBatches } from './bulk-batches.ts';

const memories = fc.array(fc.record({ content: fc.string({ unit: 'grapheme', maxLength: 60 }) }));

describe('bulkBatches', () => {
  it('keeps every memory in order and every body within both limits', () => {
    fc.assert(
      fc.property(memories, fc.integer({ min: 1, max: 9 }), (given, maxItems) => {
        const batches = bulkBatches(given, maxItems, 600);
        expect(batches.flatMap((batch) => batch.memories)).toEqual(given);
        for (const batch of batches) {
          expect(batch.memories.length).toBeGreaterThan(0);
          expect(batch.memories.length).toBeLessThanOrEqual(maxItems);
          if (batch.memories.length > 1) {
            expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThanOrEqual(600);
          }
        }
      }),
    );
  });

  it('sends a memory that is too large alone', () => {
    const large = { content: 'x'.repeat(700) };
    const batches = bulkBatches([{ content: 'a' }, large, { content: 'b' }], 10, 600);
    expect(batches.map((batch) => batch.memories.length)).toEqual([1, 1, 1]);
  });
});
