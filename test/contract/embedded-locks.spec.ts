import { rmSync } from 'node:fs';
import { parseConfig } from '@soma/config';
import { openDatabase } from '@soma/persistence';
import { newDataFolder } from '../e2e/data-folder.js';
import { locksContract } from './locks.contract.js';

const dataDir = await newDataFolder();

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('locks in the embedded database', () => {
  locksContract({
    open: () => openDatabase(parseConfig({ SOMA_DATA_DIR: dataDir })),
    modelRuns: 60,
  });
});
