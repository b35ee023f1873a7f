import { readFileSync } from 'node:fs';
import { type Service, startService } from '../service.js';
import { sharedIds } from './leak.js';
import {
  type OpenApiDocument,
  type OperationKey,
  operationsOf,
  readDocument,
} from './operations.js';
import { fillWork, OWN_REQUESTS } from './own-requests.js';
import { createParty, type Party } from './party.js';
import type { Probe } from './probe.js';
import { PROBES } from './probes.js';
import { SeededRandom } from './seeded-random.js';
import { Session } from './session.js';
import { snapshotOf, versionsOf } from './snapshot.js';

const PRODUCTION = process.env['SOMA_TEST_STACK'] === 'production';
const REQUESTS = Number(process.env['SOMA_ISOLATION_REQUESTS'] ?? (PRODUCTION ? 20_000 : 2_000));
const SEED = Number(process.env['SOMA_ISOLATION_SEED'] ?? 20_261_121);
const CLIENTS = 24;
const ATTACKS_OF_ALL = 0.7;
const RUN_TIMEOUT_MS = 20 * 60_000;
const ALL_PROBES = Object.entries(PROBES) as [OperationKey, readonly Probe[]][];
const COMMITTED_DOCUMENT = 'docs/openapi.json';

describe('two tenants over every route', () => {
  let service: Service;
  let document: OpenApiDocument;
  let parties: readonly [Party, Party];

  beforeAll(async () => {
    service = await startService();
    document = await readDocument(service);
    const random = new SeededRandom(SEED);
    parties = [
      await createParty(service, random, { name: 'ours', base: '71.0625', claimBase: '72.0625' }),
      await createParty(service, random, { name: 'theirs', base: '83.0625', claimBase: '84.0625' }),
    ];
  });
  afterAll(() => service.close());

  it('P42 has a probe for every operation of the OpenAPI document, and for no other', () => {
    expect(operationsOf(document).length).toBeGreaterThan(20);
    expect(Object.keys(PROBES).sort()).toEqual(operationsOf(document));
    for (const probes of Object.values(PROBES)) expect(probes).not.toEqual([]);
  });

  it('P42 serves the OpenAPI document that is committed', () => {
    expect(document).toEqual(JSON.parse(readFileSync(COMMITTED_DOCUMENT, 'utf8')));
  });

  it(
    `P42 keeps two tenants apart in ${REQUESTS} mixed requests, and says "missing" for foreign`,
    async () => {
      const session = new Session(service, parties);
      await Promise.all(parties.map((party) => fillWork(turnOf(session, party, SEED))));
      const before = await Promise.all(parties.map(snapshotOf));

      await everyProbeOnce(session, parties);
      await mixedTurns(session, parties, REQUESTS);

      process.stdout.write(`\n${session.report()}\nseed ${SEED}, ${CLIENTS} at a time\n`);
      expect(session.faults).toEqual([]);
      expect({ leaks: session.leaks, serverErrors: session.serverErrors }).toEqual({
        leaks: 0,
        serverErrors: 0,
      });
      expect(session.sent).toBeGreaterThanOrEqual(REQUESTS);
      expect(sharedIds(...parties)).toEqual([]);
      expect(await Promise.all(parties.map(snapshotOf))).toEqual(before);
      for (const party of parties) expect(await versionsOf(party)).toEqual(party.writes);
    },
    RUN_TIMEOUT_MS,
  );
});

const turnOf = (session: Session, party: Party, seed: number) => ({
  session,
  party,
  random: new SeededRandom(seed),
});

async function everyProbeOnce(session: Session, parties: readonly Party[]): Promise<void> {
  await Promise.all(
    parties.map(async (attacker, position) => {
      const random = new SeededRandom(SEED + position);
      for (const [operation, probes] of ALL_PROBES) {
        for (const probe of probes) await session.attack(operation, probe, attacker, random);
      }
    }),
  );
}

async function mixedTurns(
  session: Session,
  parties: readonly Party[],
  requests: number,
): Promise<void> {
  const client = async (_: unknown, position: number): Promise<void> => {
    const random = new SeededRandom(SEED * 31 + position);
    while (session.sent < requests) {
      const party = random.pick(parties);
      const [operation, probes] = random.pick(ALL_PROBES);
      const own = OWN_REQUESTS[operation];
      if (!own || random.next() < ATTACKS_OF_ALL) {
        await session.attack(operation, random.pick(probes), party, random);
      } else {
        const request = random.pick(own);
        const turn = { session, party, random };
        await session.checked(operation, request.name, () => request(turn));
      }
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}
