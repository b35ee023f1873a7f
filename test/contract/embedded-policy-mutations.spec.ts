import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { parseConfig } from '@soma/config';
import { openDatabase } from '@soma/persistence';
import { newDataFolder } from '../e2e/data-folder.js';
import { policyMutationsContract } from './policy-mutations.contract.js';

const dataDir = await newDataFolder();

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('weakened policies of the embedded database', () => {
  policyMutationsContract(async () => {
    await (await openDatabase(parseConfig({ SOMA_DATA_DIR: dataDir }))).close();
    const engine = await PGlite.create({ dataDir: join(dataDir, 'postgres') });
    return {
      run: async (sql) => {
        const { rows, affectedRows } = await engine.query(sql);
        return { rows, affected: affectedRows ?? 0 };
      },
      close: () => engine.close(),
    };
  });
});
