import { migratePostgres } from '@soma/persistence';
import { encryptionKeysContract } from '../contract/encryption-keys.contract.js';
import { createOwnDatabase, openOwnDatabase, type OwnDatabase } from './own-database.js';

let own: OwnDatabase;

beforeAll(async () => {
  own = await createOwnDatabase();
  await migratePostgres(own.ownerUrl, own.serviceUrl);
});
afterAll(() => own.drop());

describe("tenants' keys in PostgreSQL", () => {
  encryptionKeysContract({
    open: () => openOwnDatabase(own),
  });
});
