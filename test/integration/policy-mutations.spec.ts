import { migratePostgres } from '@soma/persistence';
import { Client } from 'pg';
import { policyMutationsContract } from '../contract/policy-mutations.contract.js';
import { createOwnDatabase } from './own-database.js';

describe('weakened policies of PostgreSQL', () => {
  policyMutationsContract(async () => {
    const own = await createOwnDatabase();
    await migratePostgres(own.ownerUrl, own.serviceUrl);
    const client = new Client({ connectionString: own.adminUrl });
    await client.connect();
    return {
      run: async (sql) => {
        const { rows, rowCount } = await client.query<object>(sql);
        return { rows, affected: rowCount ?? 0 };
      },
      close: async () => {
        await client.end();
        await own.drop();
      },
    };
  });
});
