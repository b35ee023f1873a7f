import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@soma/config';
import { openDatabase } from '@soma/persistence';
import { salienceContract } from './salience.contract.js';

const dataDir = mkdtempSync(join(tmpdir(), 'soma-salience-'));

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('salience in the embedded database', () => {
  salienceContract({ open: () => openDatabase(parseConfig({ SOMA_DATA_DIR: dataDir })) });
});
