import { migratePostgres } from '@soma/persistence';
import { quarantineContract } from '../contract/quarantine.contract.js';
import { createOwnDatabase, openOwnDatabase, type OwnDatabase } from './own-database.js';

let own: OwnDatabase;

beforeAll(async () => {
  own = await createOwnDatabase();
  await migratePostgres(own.ownerUrl, own.serviceUrl);
});
afterAll(() => own.drop());

describe('the quarantine in PostgreSQL', () => {
  quarantineContract(() => openOwnDatabase(own));
});
