import { parseConfig } from '@soma/config';
import { migratePostgres, openDatabase } from '@soma/persistence';
import { locksContract } from '../contract/locks.contract.js';
import { createOwnDatabase, type OwnDatabase } from './own-database.js';

let own: OwnDatabase;

beforeAll(async () => {
  own = await createOwnDatabase();
  await migratePostgres(own.ownerUrl, own.serviceUrl);
});
afterAll(() => own.drop());

describe('locks in PostgreSQL', () => {
  locksContract({
    open: () => openDatabase(parseConfig({ SOMA_POSTGRES_URL: own.serviceUrl })),
    modelRuns: 200,
  });
});
