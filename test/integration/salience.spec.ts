import { migratePostgres } from '@soma/persistence';
import { salienceContract } from '../contract/salience.contract.js';
import { createOwnDatabase, openOwnDatabase, type OwnDatabase } from './own-database.js';

let own: OwnDatabase;

beforeAll(async () => {
  own = await createOwnDatabase();
  await migratePostgres(own.ownerUrl, own.serviceUrl);
});
afterAll(() => own.drop());

describe('salience in PostgreSQL', () => {
  salienceContract({
    open: () => openOwnDatabase(own),
  });
});
