import { migratePostgres } from '@soma/persistence';
import { embeddingQueueContract } from '../contract/embedding-queue.contract.js';
import { createOwnDatabase, openOwnDatabase, type OwnDatabase } from './own-database.js';

let own: OwnDatabase;

beforeAll(async () => {
  own = await createOwnDatabase();
  await migratePostgres(own.ownerUrl, own.serviceUrl);
});
afterAll(() => own.drop());

describe('the embedding queue in PostgreSQL', () => {
  embeddingQueueContract(() => openOwnDatabase(own));
});
