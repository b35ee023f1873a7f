import { migratePostgres } from '@soma/persistence';
import { reconcileTurnsContract } from '../contract/reconcile-turns.contract.js';
import { createOwnDatabase, openOwnDatabase, type OwnDatabase } from './own-database.js';

let own: OwnDatabase;

beforeAll(async () => {
  own = await createOwnDatabase();
  await migratePostgres(own.ownerUrl, own.serviceUrl);
});
afterAll(() => own.drop());

describe('turns in PostgreSQL', () => {
  reconcileTurnsContract(() => openOwnDatabase(own));
});
