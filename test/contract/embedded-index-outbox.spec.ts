import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@soma/config';
import { openDatabase } from '@soma/persistence';
import { indexOutboxContract } from './index-outbox.contract.js';

const dataDir = mkdtempSync(join(tmpdir(), 'soma-outbox-'));

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('the outbox in the embedded database', () => {
  indexOutboxContract(() => openDatabase(parseConfig({ SOMA_DATA_DIR: dataDir })));
});
