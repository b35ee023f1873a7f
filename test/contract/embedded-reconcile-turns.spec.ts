import { rmSync } from 'node:fs';
import { parseConfig } from '@soma/config';
import { openDatabase } from '@soma/persistence';
import { newDataFolder } from '../e2e/data-folder.js';
import { reconcileTurnsContract } from './reconcile-turns.contract.js';

const dataDir = await newDataFolder();

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('turns in the embedded database', () => {
  reconcileTurnsContract(() => openDatabase(parseConfig({ SOMA_DATA_DIR: dataDir })));
});
