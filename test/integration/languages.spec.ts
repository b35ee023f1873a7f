import { migratePostgres } from '@soma/persistence';
import { namespaceLanguageContract } from '../contract/namespace-language.contract.js';
import { createOwnDatabase, openOwnDatabase, type OwnDatabase } from './own-database.js';

let own: OwnDatabase;

beforeAll(async () => {
  own = await createOwnDatabase();
  await migratePostgres(own.ownerUrl, own.serviceUrl);
});
afterAll(() => own.drop());

describe('languages in PostgreSQL', () => {
  namespaceLanguageContract({
    open: () => openOwnDatabase(own),
    atOnce: true,
  });
});
