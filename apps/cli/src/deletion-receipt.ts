import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient, ApiReply } from './api-client.js';
import type { CliSession } from './cli-session.js';

/** What a deletion left behind: docs/deletion.md. */
export interface Receipt {
  readonly id: string;
  readonly kind: string;
  readonly status: 'deleting' | 'pending' | 'verified' | 'residue';
  readonly memories: number;
  readonly removed: Readonly<Record<string, number>>;
  readonly verification: {
    readonly index_tasks: number;
    readonly unreachable: readonly string[];
    readonly left: Readonly<Record<string, number>>;
  } | null;
  readonly includes?: boolean;
}

const POLL_MS = 500;

/** Reads a receipt; with `wait`, until it is verified or residue was found. */
export async function fetchReceipt(
  api: ApiClient,
  path: string,
  { wait = false, memory }: { wait?: boolean; memory?: string },
): Promise<ApiReply<Receipt>> {
  for (;;) {
    const reply = await api.send<Receipt>({ path, query: { memory } });
    const settled = reply.body.status === 'verified' || reply.body.status === 'residue';
    if (!wait || settled) return reply;
    await sleep(POLL_MS);
  }
}

export function showReceipt(session: CliSession, receipt: Receipt): void {
  const { id, kind, status, memories, removed, verification, includes } = receipt;
  session.print(`${status}: ${memories} memories deleted (${kind}, receipt ${id})\n`);
  session.note(`Removed: ${listed(removed)}`);
  if (verification) {
    const { index_tasks: tasks, unreachable, left } = verification;
    session.note(`Left: ${listed(left)}`);
    if (tasks > 0) session.note(`${tasks} removals wait for the vector index.`);
    if (unreachable.length > 0) session.note(`Not answering: ${unreachable.join(', ')}`);
  }
  if (includes !== undefined) session.note(includes ? 'Includes it.' : 'Does not include it.');
}

const listed = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name.replaceAll('_', ' ')}`)
    .join(', ') || 'nothing';
