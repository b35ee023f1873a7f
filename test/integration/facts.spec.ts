import { parseConfig } from '@soma/config';
import { FOR_BACKGROUND, migratePostgres, openDatabase } from '@soma/persistence';
import { factsContract } from '../contract/facts.contract.js';
import { createOwnDatabase, type OwnDatabase } from './own-database.js';

let own: OwnDatabase;

beforeAll(async () => {
  own = await createOwnDatabase();
  await migratePostgres(own.ownerUrl, own.serviceUrl);
});
afterAll(() => own.drop());

describe('facts in PostgreSQL', () => {
  factsContract({
    open: () =>
      openDatabase(parseConfig({ SOMA_POSTGRES_URL: own.serviceUrl }), {
        patience: FOR_BACKGROUND,
      }),
    runs: 25,
    writers: 50,
  });
});
