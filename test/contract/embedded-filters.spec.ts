import { rmSync } from 'node:fs';
import { parseConfig } from '@soma/config';
import { openDatabase } from '@soma/persistence';
import { newDataFolder } from '../e2e/data-folder.js';
import { filterSqlContract } from './filter-sql.contract.js';

const dataDir = await newDataFolder();

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('filters in the embedded database', () => {
  filterSqlContract({
    kind: 'pglite',
    open: () => openDatabase(parseConfig({ SOMA_DATA_DIR: dataDir })),
    filters: 1_000,
  });
});
