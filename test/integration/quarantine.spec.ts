import { parseConfig } from '@soma/config';
import { migratePostgres, openDatabase } from '@soma/persistence';
import { quarantineContract } from '../contract/quarantine.contract.js';
import { createOwnDatabase, type OwnDatabase } from './own-database.js';

let own: OwnDatabase;

beforeAll(async () => {
  own = await createOwnDatabase();
  await migratePostgres(own.ownerUrl, own.serviceUrl);
});
afterAll(() => own.drop());

describe('the quarantine in PostgreSQL', () => {
  quarantineContract(() => openDatabase(parseConfig({ SOMA_POSTGRES_URL: own.serviceUrl })));
});
