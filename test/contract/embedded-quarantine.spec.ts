import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@soma/config';
import { openDatabase } from '@soma/persistence';
import { quarantineContract } from './quarantine.contract.js';

const dataDir = mkdtempSync(join(tmpdir(), 'soma-quarantine-'));

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('the quarantine in the embedded database', () => {
  quarantineContract(() => openDatabase(parseConfig({ SOMA_DATA_DIR: dataDir })));
});
