import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@soma/config';
import { openDatabase } from '@soma/persistence';
import { embeddingQueueContract } from './embedding-queue.contract.js';

const dataDir = mkdtempSync(join(tmpdir(), 'soma-late-'));

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('the embedding queue in the embedded database', () => {
  embeddingQueueContract(() => openDatabase(parseConfig({ SOMA_DATA_DIR: dataDir })));
});
