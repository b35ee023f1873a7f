import type { LockState } from '@soma/locks';
import type { Memory, Namespace } from '@soma/memory';
import type { TokenList } from '@soma/tenancy';
import { ok } from '../http.js';
import { FROZEN_NAMESPACES, type Party } from './party.js';

/** All that a party has in places it does not write to during the run, as text to be compared. */
export async function snapshotOf({ client, namespace, base, claimBase }: Party): Promise<string> {
  const memories: unknown[] = [];
  const languages: string[] = [];
  for (const place of [...FROZEN_NAMESPACES, namespace]) {
    const page = await client.list(
      new URLSearchParams({ namespace: place, sort: 'coordinate', limit: '200' }).toString(),
    );
    // In `claimed` it stores at the other's coordinates; its own there stay as they are.
    const kept = page.memories.filter(
      ({ coordinate }) => place !== 'claimed' || coordinate.startsWith(`${claimBase},`),
    );
    // It reads its own vault, which counts; nobody may be counted as a reader of the rest.
    memories.push(place === 'vault' ? kept.map(withoutAccess) : kept);
    languages.push((await ok(client.get<Namespace>(`/namespaces/${place}`))).language);
  }
  const links = await client.neighbors(
    `coord=${base},1&namespace=private&link_type=next&depth=6&limit=200`,
  );
  const { tokens } = await ok(client.get<TokenList>(`/admin/tenants/${client.tenantId}/tokens`));
  const lasting = tokens
    .filter(({ name }) => name !== 'passing')
    .map(({ last_used_at: _used, ...token }) => token);
  // Its lease may run out on the way; nobody else may have had one.
  const { fencing_token: lock } = await ok(client.get<LockState>(`/locks/${namespace}`));
  return JSON.stringify({ memories, languages, links, lock, tokens: lasting }, null, 1);
}

/** Versions of the places it writes to, by place. */
export async function versionsOf({ client, claimBase }: Party): Promise<Map<string, number>> {
  const versions = new Map<string, number>();
  for (const namespace of ['work', 'claimed']) {
    const { memories } = await client.list(`namespace=${namespace}&limit=200`);
    for (const { coordinate, version } of memories) {
      const place = `${namespace} ${coordinate}`;
      if (!place.startsWith(`claimed ${claimBase},`)) versions.set(place, version);
    }
  }
  return versions;
}

function withoutAccess({ access_count: _count, last_accessed_at: _time, ...memory }: Memory) {
  return memory;
}
