import { Pool } from 'pg';

export interface StoredState {
  /** Version by id. */
  readonly memories: ReadonlyMap<string, number>;
  /** `id/version` of every version kept. */
  readonly versions: ReadonlySet<string>;
  /** Entry by memory. */
  readonly entries: ReadonlyMap<string, string>;
}

const LOG_FILES = 20;

/** Reads PostgreSQL itself, past the service, as the owner of its tables. */
export class Truth {
  readonly #pool: Pool;

  constructor(ownerUrl: string) {
    this.#pool = new Pool({ connectionString: ownerUrl, max: 4, connectionTimeoutMillis: 60_000 });
    // Servers are killed here; the next query opens a new connection.
    this.#pool.on('error', () => undefined);
  }

  async read(tenant: string): Promise<StoredState> {
    const [memories, versions, entries] = await Promise.all([
      this.#rows<{ id: string; version: number }>(
        'SELECT id, version FROM memories WHERE tenant_id = $1',
        tenant,
      ),
      this.#rows<{ memory_id: string; version: number }>(
        'SELECT memory_id, version FROM memory_versions WHERE tenant_id = $1',
        tenant,
      ),
      this.#rows<{ memory_id: string; entry_id: string }>(
        'SELECT memory_id, entry_id FROM embeddings WHERE tenant_id = $1',
        tenant,
      ),
    ]);
    return {
      memories: new Map(memories.map(({ id, version }) => [id, version])),
      versions: new Set(versions.map(({ memory_id, version }) => `${memory_id}/${version}`)),
      entries: new Map(entries.map(({ memory_id, entry_id }) => [memory_id, entry_id])),
    };
  }

  /** Tasks of this tenant that a worker has yet to do, those put aside included. */
  async waiting(tenant: string): Promise<number> {
    const [row] = await this.#rows<{ tasks: number }>(
      'SELECT count(*)::int AS tasks FROM index_outbox WHERE tenant_id = $1',
      tenant,
    );
    return row?.tasks ?? 0;
  }

  /** Entries that searches still compare one by one. */
  async freshTail(tenant: string): Promise<number> {
    const [row] = await this.#rows<{ entries: number }>(
      `SELECT count(*)::int AS entries FROM embeddings
       WHERE tenant_id = $1 AND (indexed_at = 'infinity' OR indexed_at BETWEEN
         clock_timestamp() - interval '10 seconds' AND clock_timestamp() + interval '1 minute')`,
      tenant,
    );
    return row?.entries ?? 0;
  }

  /** How far its clock is from ours. */
  async offsetS(): Promise<number> {
    const { rows } = await this.#pool.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    return Math.round(((rows[0]?.now.getTime() ?? Number.NaN) - Date.now()) / 1000);
  }

  /** Begins new files of the write-ahead log, each of 16 MB, until the server cannot any more. */
  async spendLog(): Promise<void> {
    for (let file = 0; file < LOG_FILES; file++) {
      await this.#pool.query("SELECT pg_logical_emit_message(false, 'faults', 'a byte')");
      await this.#pool.query('SELECT pg_switch_wal()');
    }
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  async #rows<Row extends object>(sql: string, tenant: string): Promise<Row[]> {
    return (await this.#pool.query<Row>(sql, [tenant])).rows;
  }
}
