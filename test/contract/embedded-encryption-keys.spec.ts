import { rmSync } from 'node:fs';
import { parseConfig } from '@soma/config';
import { openDatabase } from '@soma/persistence';
import { newDataFolder } from '../e2e/data-folder.js';
import { encryptionKeysContract } from './encryption-keys.contract.js';

const dataDir = await newDataFolder();

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe("tenants' keys in the embedded database", () => {
  encryptionKeysContract({ open: () => openDatabase(parseConfig({ SOMA_DATA_DIR: dataDir })) });
});
