import type { MemoryDraft } from './memory-repository.js';
import { type StoreMemory, storeMemorySchema } from './memory.schema.js';

const FIELDS = storeMemorySchema.shape;

/**
 * Session, speaker and time of a request; what it does not give is drawn from its metadata, by the
 * rules for the field itself. A value there that breaks them is only metadata.
 */
export function drawnContext(
  request: StoreMemory,
): Pick<MemoryDraft, 'session_id' | 'speaker' | 'occurred_at'> {
  const { session_id, speaker, occurred_at, metadata } = request;
  return {
    session_id: session_id ?? valid(FIELDS.session_id, metadata['session_id']),
    speaker:
      speaker ??
      valid(FIELDS.speaker, metadata['speaker']) ??
      valid(FIELDS.speaker, metadata['role']),
    occurred_at: occurred_at ?? valid(FIELDS.occurred_at, metadata['occurred_at']),
  };
}

type Field = (typeof FIELDS)['session_id' | 'speaker' | 'occurred_at'];

function valid(field: Field, value: unknown): string | null {
  return field.safeParse(value).data ?? null;
}
