import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@soma/config';
import { openDatabase } from '@soma/persistence';
import { mergingContract } from './merging.contract.js';

const dataDir = mkdtempSync(join(tmpdir(), 'soma-merging-'));

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('merging in the embedded database', () => {
  mergingContract({ open: () => openDatabase(parseConfig({ SOMA_DATA_DIR: dataDir })) });
});
