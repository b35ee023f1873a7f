import { migratePostgres } from '@soma/persistence';
import { indexOutboxContract } from '../contract/index-outbox.contract.js';
import { createOwnDatabase, openOwnDatabase, type OwnDatabase } from './own-database.js';

let own: OwnDatabase;

beforeAll(async () => {
  own = await createOwnDatabase();
  await migratePostgres(own.ownerUrl, own.serviceUrl);
});
afterAll(() => own.drop());

describe('the outbox in PostgreSQL', () => {
  indexOutboxContract(() => openOwnDatabase(own));
});
