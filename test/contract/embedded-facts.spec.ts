import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@soma/config';
import { openDatabase } from '@soma/persistence';
import { factsContract } from './facts.contract.js';

const dataDir = mkdtempSync(join(tmpdir(), 'soma-facts-'));

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('facts in the embedded database', () => {
  factsContract({
    open: () => openDatabase(parseConfig({ SOMA_DATA_DIR: dataDir })),
    runs: 25,
    writers: 50,
  });
});
