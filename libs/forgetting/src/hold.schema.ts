import { storableText } from '@soma/memory';
import { z } from 'zod';

export const placeHoldSchema = z
  .strictObject({ reason: storableText(500).min(1).describe('Why; a case number, for example.') })
  .meta({ id: 'PlaceHold', example: { reason: 'case 2026-114' } });

export const holdSchema = z
  .object({ memory_id: z.uuid(), reason: z.string(), placed_at: z.iso.datetime() })
  .meta({
    id: 'LegalHold',
    examples: [
      {
        memory_id: '0198c1f0-0000-7000-8000-000000000002',
        reason: 'case 2026-114',
        placed_at: '2026-11-21T10:00:00.000Z',
      },
    ],
  });

export type PlaceHold = z.infer<typeof placeHoldSchema>;
export type LegalHold = z.infer<typeof holdSchema>;
