import type { Lease } from '@soma/locks';
import type { Memory } from '@soma/memory';
import type { CreatedToken } from '@soma/tenancy';
import { type Client, OPERATOR_TOKEN, type Service } from '../service.js';
import { ok } from '../http.js';
import type { SeededRandom } from './seeded-random.js';

/** Everything by which a request can name what it wants. */
export interface Names {
  /** Of two memories, the first linked to the second. */
  readonly ids: readonly [string, string];
  /** Of two memories in the namespace `private`, linked alike. */
  readonly coordinates: readonly [string, string];
  readonly namespace: string;
  readonly tag: string;
  /** In the content and the metadata of every memory of its owner. */
  readonly canary: string;
  readonly cursor: string;
  readonly idempotencyKey: string;
  readonly tenantId: string;
  readonly tokenId: string;
  /** Of the lease of a lock that has the name of the namespace. */
  readonly lockToken: string;
  /** Of a deletion of its own. */
  readonly receiptId: string;
  /** Of a memory of its own in the archive. */
  readonly archivedId: string;
  /** Of one that was merged into another. */
  readonly mergedId: string;
}

/** One of the two tenants, with what it owns and what it has been shown. */
export interface Party {
  readonly client: Client;
  readonly canary: string;
  /** First number of its coordinates in `private`; the other tenant has none there. */
  readonly base: string;
  /** First number of its coordinates in `claimed`, to which the other tenant stores too. */
  readonly claimBase: string;
  /** Same coordinates, tags, metadata keys and links in both tenants; only ever read. */
  readonly vault: readonly Memory[];
  readonly private: readonly Memory[];
  readonly namespace: string;
  readonly tag: string;
  readonly cursor: string;
  readonly idempotencyKey: string;
  readonly spareTokenId: string;
  /** Secret of its lease of the lock that has its namespace's name. */
  readonly lockToken: string;
  /** Of the deletion of a memory that it had at first. */
  readonly receiptId: string;
  /** Of a memory that decayed. */
  readonly archivedId: string;
  /** Of a memory that was merged. */
  readonly mergedId: string;
  /** Ids in the answers it got. */
  readonly seen: Set<string>;
  /** How often it wrote to each coordinate of `work` and `claimed`. */
  readonly writes: Map<string, number>;
}

export const SIZE = 12;
export const FROZEN_NAMESPACES = ['vault', 'private', 'claimed'] as const;

interface Marks {
  readonly name: string;
  readonly base: string;
  readonly claimBase: string;
}

/** Makes a tenant whose data differs from the other's in its marks alone. */
export async function createParty(service: Service, random: SeededRandom, marks: Marks) {
  const client = await service.tenant();
  const canary = `canary-${marks.name}-${random.hex(8)}`;
  const namespace = `of-${marks.name}-${random.hex(8)}`;
  const tag = `tag-${marks.name}-${random.hex(8)}`;
  const idempotencyKey = `key-${marks.name}-${random.hex(8)}`;
  const memory = (place: string, coord: string, number: number) => ({
    namespace: place,
    coord,
    content: `Note ${number} in the ${place} says ${canary}.`,
    payload: { secret: canary, number },
    prediction: `They will ask for ${canary}.`,
    tags: ['shared', `n${number % 3}`, ...(place === 'private' ? [tag] : [])],
    metadata: { owner: canary, number },
    memory_type: number % 2 === 0 ? 'episodic' : 'semantic',
  });
  const storeAll = async (place: string, first: string): Promise<Memory[]> => {
    const numbers = Array.from({ length: SIZE }, (_, index) => index + 1);
    const answer = await client.storeAll(
      numbers.map((number) => memory(place, `${first},${number}`, number)),
    );
    for (const number of numbers.slice(1)) {
      const ends = [`${first},${number - 1}`, `${first},${number}`] as const;
      await client.link(...ends, { namespace: place, link_type: 'next', strength: 0.9 });
    }
    return answer.results.flatMap((result) => result.memory ?? []);
  };
  const vault = await storeAll('vault', '1');
  const secluded = await storeAll('private', marks.base);
  await storeAll('claimed', marks.claimBase);
  await client.store(memory(namespace, '1,1', 1));
  await ok(
    client.post('/memories', memory('vault', '1,1', 1), { 'idempotency-key': idempotencyKey }),
    201,
  );
  const page = await client.list('namespace=vault&limit=2');
  const spare = await ok(
    service.request<CreatedToken>('POST', `/admin/tenants/${client.tenantId}/tokens`, {
      token: OPERATOR_TOKEN,
      body: { name: 'spare', scopes: ['memories:read'] },
    }),
    201,
  );
  const lock = { name: namespace, ttl_ms: 300_000, owner: canary };
  const lease = await ok(client.post<Lease>('/locks', lock), 201);
  const doomed = await client.store(memory('doomed', '1,1', 1));
  const { receipt_id: receiptId } = await client.deleteBy({ ids: [doomed.id] });
  if (receiptId === null) throw new Error('A deletion has no receipt.');
  const faint = await client.store({ ...memory('faint', '1,1', 1), importance: 0.001 });
  await archiveFaint(client, service);
  const twice = [
    await client.store(memory('twice', '1,1', 1)),
    await client.store(memory('twice', '2,2', 1)),
  ];
  await ok(client.post('/hierarchy/duplicates', { dry_run: false, namespace: 'twice' }));
  const party: Party = {
    client,
    canary,
    base: marks.base,
    claimBase: marks.claimBase,
    vault,
    private: secluded,
    namespace,
    tag,
    cursor: page.next_cursor ?? '',
    idempotencyKey,
    spareTokenId: spare.id,
    lockToken: lease.token,
    receiptId,
    archivedId: faint.id,
    mergedId: twice[1]?.id ?? '',
    seen: new Set([
      client.tenantId,
      client.tokenId,
      spare.id,
      receiptId,
      faint.id,
      ...idsOf(twice),
      ...idsOf(vault),
      ...idsOf(secluded),
    ]),
    writes: new Map(),
  };
  return party;
}

async function archiveFaint(client: Client, service: Service): Promise<void> {
  const { token, tenantId } = client;
  const body = { prune: { below: 0.01 }, every_hours: null };
  await ok(service.request('PUT', `/admin/tenants/${tenantId}/decay-policy`, { token, body }));
  await ok(client.post('/hierarchy/decay', { dry_run: false, namespace: 'faint' }));
}

/** Names of things of this party, chosen by chance. */
export function namesOf(party: Party, random: SeededRandom): Names {
  const position = random.below(SIZE - 1);
  const owned = random.next() < 0.5 ? party.vault : party.private;
  return {
    ids: pair(owned, position, (memory) => memory.id),
    coordinates: pair(party.private, position, (memory) => memory.coordinate),
    namespace: party.namespace,
    tag: party.tag,
    canary: party.canary,
    cursor: party.cursor,
    idempotencyKey: party.idempotencyKey,
    tenantId: party.client.tenantId,
    tokenId: party.spareTokenId,
    lockToken: party.lockToken,
    receiptId: party.receiptId,
    archivedId: party.archivedId,
    mergedId: party.mergedId,
  };
}

/** Names of the same shape, of things that never were. */
export function namesOfNothing(random: SeededRandom): Names {
  const number = random.below(SIZE - 1) + 1;
  return {
    ids: [random.uuid(), random.uuid()],
    coordinates: [`97.0625,${number}`, `97.0625,${number + 1}`],
    namespace: `of-nobody-${random.hex(8)}`,
    tag: `tag-nobody-${random.hex(8)}`,
    canary: `canary-nobody-${random.hex(8)}`,
    cursor: cursorOf([random.hex(16), new Date(0).toISOString(), random.uuid()]),
    idempotencyKey: `key-nobody-${random.hex(8)}`,
    tenantId: random.uuid(),
    tokenId: random.hex(16),
    lockToken: `lease_${random.hex(43)}`,
    receiptId: random.uuid(),
    archivedId: random.uuid(),
    mergedId: random.uuid(),
  };
}

/** Every name, to be told from what an answer says of its own accord; longest first. */
export function everyName({ ids, coordinates, ...single }: Names): [string, string][] {
  const named: [string, string][] = [
    ...ids.map((id, index): [string, string] => [`id ${index}`, id]),
    ...coordinates.map((text, index): [string, string] => [`coordinate ${index}`, text]),
    ...Object.entries(single),
  ];
  return named.sort(([, left], [, right]) => right.length - left.length);
}

export const cursorOf = (parts: readonly unknown[]): string =>
  Buffer.from(JSON.stringify(parts), 'utf8').toString('base64url');

export function partsOfCursor(cursor: string): [string, string, string] {
  return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as [string, string, string];
}

const idsOf = (memories: readonly Memory[]): string[] => memories.map((memory) => memory.id);

function pair(
  memories: readonly Memory[],
  position: number,
  name: (memory: Memory) => string,
): [string, string] {
  const [first, second] = memories.slice(position, position + 2).map(name);
  if (first === undefined || second === undefined) throw new Error('A party has too few memories.');
  return [first, second];
}
