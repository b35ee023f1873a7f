import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '@soma/config';
import { openDatabase } from '@soma/persistence';
import { isolationContract } from './isolation.contract.js';
import { migratedSchemaContract } from './migrated-schema.contract.js';

const dataDir = mkdtempSync(join(tmpdir(), 'soma-isolation-'));
const open = () => openDatabase(parseConfig({ SOMA_DATA_DIR: dataDir }));

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('isolation in the embedded database', () => {
  isolationContract({ open, reads: 2_000, atOnce: 32 });
});

describe('the migrated embedded database', () => {
  migratedSchemaContract(open);
});
