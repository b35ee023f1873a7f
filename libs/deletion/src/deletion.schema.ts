import { z } from 'zod';

const time = z.iso.datetime();
const counts = z.record(z.string(), z.number().int());

export const DELETION_KINDS = ['memory', 'memories', 'namespace', 'quarantine', 'tenant'] as const;
export const DELETION_STATUSES = ['deleting', 'pending', 'verified', 'residue'] as const;

export const verificationSchema = z.object({
  checked_at: time,
  attempts: z.number().int(),
  index_tasks: z.number().int().describe('Removals that the vector index has still to be told of.'),
  looked_for: z.number().int().describe('Memories looked for in every store.'),
  searched_with: z.number().int().describe('Deleted vectors that were searched with.'),
  left: counts.describe('What was found, by store. All are 0 once verified.'),
  unreachable: z.array(z.string()).describe('Stores that did not answer.'),
});

const example = {
  id: '019aa5a0-0000-7000-8000-000000000003',
  kind: 'memory' as const,
  status: 'verified' as const,
  memories: 1,
  requested_at: '2026-11-21T12:00:00.000Z',
  deleted_at: '2026-11-21T12:00:00.020Z',
  verified_at: '2026-11-21T12:00:00.900Z',
  process_caches_until: '2026-11-21T12:00:15.020Z',
  removed: { memories: 1, versions: 2, links: 3, embeddings: 1, postings: 14 },
  verification: {
    checked_at: '2026-11-21T12:00:00.900Z',
    attempts: 1,
    index_tasks: 0,
    looked_for: 1,
    searched_with: 1,
    left: { memories: 0, memory_versions: 0, index_entries: 0, index_neighbours: 0 },
    unreachable: [],
  },
  ids: {
    algorithm: 'sha256(salt + id)' as const,
    salt: '9f2c4e6a81b35d70c4e89a1f2b3d4c5e',
    hashes: ['a'.repeat(64)],
    complete: true,
  },
};

export const receiptSchema = z
  .object({
    id: z.uuid(),
    kind: z.enum(DELETION_KINDS),
    status: z
      .enum(DELETION_STATUSES)
      .describe(
        '`deleting`: rows are still being deleted. `pending`: all rows are gone, and not every other ' +
          'store has been looked into yet. `verified`: every store was, and has nothing. `residue`: ' +
          'something was found again and again; the service goes on removing it.',
      ),
    memories: z.number().int().describe('Memories deleted.'),
    requested_at: time,
    deleted_at: time.nullable().describe('When the last row was deleted.'),
    verified_at: time.nullable(),
    process_caches_until: time
      .nullable()
      .describe("By then no process of the service has anything of it in its memory's caches."),
    removed: counts.describe('Rows removed, by store.'),
    verification: verificationSchema.nullable().describe('What the last look found.'),
    ids: z.object({
      algorithm: z.literal('sha256(salt + id)'),
      salt: z.string().describe('In hex; 16 bytes, which the UTF-8 text of the id follows.'),
      hashes: z.array(z.string()).describe('Of the ids, in hex, in order; the first thousand.'),
      complete: z.boolean().describe('Whether these are all. Of a tenant: the tenant alone.'),
    }),
    includes: z.boolean().optional().describe('Whether it deleted the memory asked about.'),
  })
  .meta({ id: 'DeletionReceipt', examples: [example] });

export const receiptQuerySchema = z.strictObject({
  memory: z.uuid().optional().describe('Id of a memory: was it deleted by this?'),
});

export type DeletionKind = (typeof DELETION_KINDS)[number];
export type DeletionStatus = (typeof DELETION_STATUSES)[number];
export type Verification = z.infer<typeof verificationSchema>;
export type DeletionReceipt = z.infer<typeof receiptSchema>;
export type ReceiptQuery = z.infer<typeof receiptQuerySchema>;
