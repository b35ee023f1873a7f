import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@soma/config';
import { openDatabase } from '@soma/persistence';
import { filterSqlContract } from './filter-sql.contract.js';

const dataDir = mkdtempSync(join(tmpdir(), 'soma-filters-'));

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('filters in the embedded database', () => {
  filterSqlContract({
    kind: 'pglite',
    open: () => openDatabase(parseConfig({ SOMA_DATA_DIR: dataDir })),
    filters: 1_000,
  });
});
