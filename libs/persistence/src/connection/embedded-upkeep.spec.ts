import { PGlite } from '@electric-sql/pglite';
import { vacuumStaleTables } from './embedded-upkeep.js';

describe(vacuumStaleTables.name, () => {
  it('tells the planner the size of a table that has grown, once', async () => {
    const database = await PGlite.create();
    await database.exec(`CREATE TABLE grown (n int); CREATE TABLE still (n int);
      INSERT INTO grown SELECT generate_series(1, 5000)`);
    expect(await vacuumStaleTables(database)).toEqual(['grown']);
    expect(await vacuumStaleTables(database)).toEqual([]);
    const { rows } = await database.query(
      `SELECT reltuples::int AS rows FROM pg_class WHERE relname = 'grown'`,
    );
    expect(rows).toEqual([{ rows: 5000 }]);
    await database.close();
  });
});
