import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@soma/config';
import { openDatabase } from '@soma/persistence';
import { namespaceLanguageContract } from './namespace-language.contract.js';

const dataDir = mkdtempSync(join(tmpdir(), 'soma-languages-'));

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('languages in the embedded database', () => {
  namespaceLanguageContract({
    open: () => openDatabase(parseConfig({ SOMA_DATA_DIR: dataDir })),
    atOnce: false,
  });
});
