import { rmSync } from 'node:fs';
import { parseConfig } from '@soma/config';
import { openDatabase } from '@soma/persistence';
import { newDataFolder } from '../e2e/data-folder.js';
import { indexOutboxContract } from './index-outbox.contract.js';

const dataDir = await newDataFolder();

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('the outbox in the embedded database', () => {
  indexOutboxContract(() => openDatabase(parseConfig({ SOMA_DATA_DIR: dataDir })));
});
