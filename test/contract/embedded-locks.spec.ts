import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@soma/config';
import { openDatabase } from '@soma/persistence';
import { locksContract } from './locks.contract.js';

const dataDir = mkdtempSync(join(tmpdir(), 'soma-locks-'));

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('locks in the embedded database', () => {
  locksContract({
    open: () => openDatabase(parseConfig({ SOMA_DATA_DIR: dataDir })),
    modelRuns: 60,
  });
});
