import { migratePostgres } from '@soma/persistence';
import { factsContract } from '../contract/facts.contract.js';
import { createOwnDatabase, openOwnDatabase, type OwnDatabase } from './own-database.js';

let own: OwnDatabase;

beforeAll(async () => {
  own = await createOwnDatabase();
  await migratePostgres(own.ownerUrl, own.serviceUrl);
});
afterAll(() => own.drop());

describe('facts in PostgreSQL', () => {
  factsContract({
    open: () => openOwnDatabase(own),
    runs: 25,
    writers: 50,
  });
});
