import { isStorableText } from '@soma/core';
import { z } from 'zod';

export const MIN_TTL_MS = 100;
export const MAX_TTL_MS = 300_000;
export const MAX_WAIT_MS = 10_000;

const storable = (maxLength: number) =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .refine(isStorableText, 'holds a NUL or half a surrogate pair, which cannot be stored');

export const lockNameSchema = storable(200)
  .refine((name) => name !== '.' && name !== '..', 'is a step in a path, and no path leads to it')
  .transform((name) => name.normalize('NFC'))
  .describe('Name of the lock, one in each tenant.');

export const leaseTokenSchema = z
  .string()
  .min(1)
  .max(200)
  .describe('The secret that came with the lease.');

const ttlSchema = z
  .number()
  .int()
  .min(MIN_TTL_MS)
  .max(MAX_TTL_MS)
  .describe('Milliseconds from now after which the lock is free, unless it is renewed.');

const fencingTokenSchema = z
  .number()
  .int()
  .describe('Grows with every lease of the name; let what is protected refuse a lower one.');

const time = z.iso.datetime({ offset: true });

const stateExample = {
  name: 'nightly-digest',
  held: true,
  owner: 'agent-7',
  fencing_token: 42,
  expires_at: '2026-11-21T12:00:30.000Z',
};

export const acquireLockSchema = z
  .strictObject({
    name: lockNameSchema,
    ttl_ms: ttlSchema,
    owner: storable(200).optional().describe('Shown to those who find the lock held.'),
    wait_ms: z
      .number()
      .int()
      .min(0)
      .max(MAX_WAIT_MS)
      .default(0)
      .describe('How long to wait for a lock that is held; whoever asks next may get it first.'),
  })
  .meta({
    id: 'AcquireLock',
    example: { name: 'nightly-digest', ttl_ms: 30_000, owner: 'agent-7', wait_ms: 2_000 },
  });

export const renewLockSchema = z
  .strictObject({ token: leaseTokenSchema, ttl_ms: ttlSchema })
  .meta({ id: 'RenewLock', example: { token: 'lease_…', ttl_ms: 30_000 } });

export const releaseLockSchema = z
  .strictObject({ token: leaseTokenSchema.optional() })
  .meta({ id: 'ReleaseLock', example: { token: 'lease_…' } });

export const leaseSchema = z
  .object({
    name: z.string(),
    token: leaseTokenSchema,
    owner: z.string().nullable(),
    fencing_token: fencingTokenSchema,
    expires_at: time,
  })
  .meta({
    id: 'Lease',
    examples: [
      {
        name: 'nightly-digest',
        token: 'lease_…',
        owner: 'agent-7',
        fencing_token: 42,
        expires_at: '2026-11-21T12:00:30.000Z',
      },
    ],
  });

export const lockStateSchema = z
  .object({
    name: z.string(),
    held: z.boolean(),
    owner: z.string().nullable().describe('Null when the lock is free or its holder unnamed.'),
    fencing_token: fencingTokenSchema.describe('Of the last lease.'),
    expires_at: time.nullable().describe('Null when the lock is free.'),
  })
  .meta({ id: 'LockState', examples: [stateExample] });

export type AcquireLock = z.infer<typeof acquireLockSchema>;
export type RenewLock = z.infer<typeof renewLockSchema>;
export type ReleaseLock = z.infer<typeof releaseLockSchema>;
export type Lease = z.infer<typeof leaseSchema>;
export type LockState = z.infer<typeof lockStateSchema>;
