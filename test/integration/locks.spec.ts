import { migratePostgres } from '@soma/persistence';
import { locksContract } from '../contract/locks.contract.js';
import { createOwnDatabase, openOwnDatabase, type OwnDatabase } from './own-database.js';

let own: OwnDatabase;

beforeAll(async () => {
  own = await createOwnDatabase();
  await migratePostgres(own.ownerUrl, own.serviceUrl);
});
afterAll(() => own.drop());

describe('locks in PostgreSQL', () => {
  locksContract({
    open: () => openOwnDatabase(own),
    modelRuns: 200,
  });
});
