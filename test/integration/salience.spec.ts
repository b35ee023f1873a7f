import { parseConfig } from '@soma/config';
import { migratePostgres, openDatabase } from '@soma/persistence';
import { salienceContract } from '../contract/salience.contract.js';
import { createOwnDatabase, type OwnDatabase } from './own-database.js';

let own: OwnDatabase;

beforeAll(async () => {
  own = await createOwnDatabase();
  await migratePostgres(own.ownerUrl, own.serviceUrl);
});
afterAll(() => own.drop());

describe('salience in PostgreSQL', () => {
  salienceContract({
    open: () => openDatabase(parseConfig({ SOMA_POSTGRES_URL: own.serviceUrl })),
  });
});
