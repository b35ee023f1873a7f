import { migratePostgres } from '@soma/persistence';
import { mergingContract } from '../contract/merging.contract.js';
import { createOwnDatabase, openOwnDatabase, type OwnDatabase } from './own-database.js';

let own: OwnDatabase;

beforeAll(async () => {
  own = await createOwnDatabase();
  await migratePostgres(own.ownerUrl, own.serviceUrl);
});
afterAll(() => own.drop());

describe('merging in PostgreSQL', () => {
  mergingContract({
    open: () => openOwnDatabase(own),
  });
});
