import { rmSync } from 'node:fs';
import { parseConfig } from '@soma/config';
import { openDatabase } from '@soma/persistence';
import { newDataFolder } from '../e2e/data-folder.js';
import { embeddingQueueContract } from './embedding-queue.contract.js';

const dataDir = await newDataFolder();

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('the embedding queue in the embedded database', () => {
  embeddingQueueContract(() => openDatabase(parseConfig({ SOMA_DATA_DIR: dataDir })));
});
