import { rmSync } from 'node:fs';
import { parseConfig } from '@soma/config';
import { openDatabase } from '@soma/persistence';
import { newDataFolder } from '../e2e/data-folder.js';
import { namespaceLanguageContract } from './namespace-language.contract.js';

const dataDir = await newDataFolder();

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('languages in the embedded database', () => {
  namespaceLanguageContract({
    open: () => openDatabase(parseConfig({ SOMA_DATA_DIR: dataDir })),
    atOnce: false,
  });
});
