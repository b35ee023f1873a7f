import { NEIGHBOUR_DEPTH, NEIGHBOUR_LIMIT, PATH_MAX_LENGTH } from './operation.ts';
import type { Call, Operation, Side } from './operation.ts';
import { coordOf } from './workload.ts';
import type { WorkItem } from './workload.ts';

const TENANT = '00000000-0000-7000-8000-000000000001';
const LOAD_TOGETHER = 16;

const SCHEMA = `
  CREATE TABLE memory (
    id bigint PRIMARY KEY, tenant uuid NOT NULL, coordinate text NOT NULL, content text NOT NULL,
    payload jsonb NOT NULL, metadata jsonb NOT NULL, importance real NOT NULL, session_id text,
    vector bytea NOT NULL, created_at timestamptz NOT NULL DEFAULT now(), UNIQUE (tenant, coordinate));
  CREATE TABLE link (
    tenant uuid NOT NULL, from_id bigint NOT NULL, to_id bigint NOT NULL, link_type text NOT NULL,
    strength real NOT NULL, PRIMARY KEY (tenant, from_id, to_id, link_type));
  CREATE INDEX link_back ON link (tenant, to_id);`;

const SQL = {
  insert: `INSERT INTO memory (id, tenant, coordinate, content, payload, metadata, importance, session_id, vector)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
  link: `INSERT INTO link SELECT $1::uuid, $2::bigint, unnest($3::bigint[]), 'related', 0.9`,
  get: `SELECT id, content, payload, metadata, importance, session_id, created_at
    FROM memory WHERE tenant = $1 AND coordinate = $2`,
  rows: `SELECT id, content, payload, metadata, importance, session_id, created_at
    FROM memory WHERE tenant = $1 AND id = ANY($2::bigint[])`,
  around: `SELECT from_id::int, to_id::int, link_type, strength FROM link
    WHERE tenant = $1 AND from_id = ANY($2::bigint[])
    UNION ALL SELECT from_id::int, to_id::int, link_type, strength FROM link
    WHERE tenant = $1 AND to_id = ANY($2::bigint[])`,
  onward: `SELECT from_id::int, to_id::int, link_type, strength FROM link
    WHERE tenant = $1 AND from_id = ANY($2::bigint[])`,
} as const;

export type Statement = keyof typeof SQL;

/** A bare database: prepared statements by name, no service in between. */
export interface SqlEngine {
  readonly name: string;
  exec(script: string): Promise<void>;
  query(statement: Statement, sql: string, values: unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/**
 * The least a database must do for each operation: one insert, one select by key, one query a
 * frontier for neighbours and path, and one for the rows they return.
 */
export class SqlSide implements Side {
  readonly name: string;
  readonly operations: readonly Operation[] = ['store', 'get', 'neighbours', 'path'];
  readonly #engine: SqlEngine;
  #nextId = 0;

  constructor(engine: SqlEngine) {
    this.#engine = engine;
    this.name = engine.name;
  }

  async load(items: readonly WorkItem[]): Promise<void> {
    await this.#engine.exec(SCHEMA);
    for (let start = 0; start < items.length; start += LOAD_TOGETHER) {
      const batch = items.slice(start, start + LOAD_TOGETHER);
      await Promise.all(
        batch.map(async (item, offset) => {
          await this.#insert(start + offset, item);
          await this.#ask('link', [TENANT, start + offset, item.links]);
        }),
      );
    }
    await this.#engine.exec('ANALYZE memory; ANALYZE link;');
    this.#nextId = items.length;
  }

  async run(call: Call): Promise<void> {
    switch (call.operation) {
      case 'store':
        return this.#insert(this.#nextId++, call.item);
      case 'get': {
        const rows = await this.#ask('get', [TENANT, coordOf(call.position)]);
        return this.#demand(rows.length === 1, call);
      }
      case 'neighbours':
        return this.#demand((await this.#neighbours(call.position)) > 0, call);
      case 'path':
        return this.#demand(await this.#path(call.from, call.to), call);
      case 'search':
        throw new Error(`${this.name} is not asked to search`);
    }
  }

  close(): Promise<void> {
    return this.#engine.close();
  }

  #ask(statement: Statement, values: unknown[]): Promise<Record<string, unknown>[]> {
    return this.#engine.query(statement, SQL[statement], values);
  }

  async #insert(id: number, { memory, vector, importance }: WorkItem): Promise<void> {
    const { buffer, byteOffset, byteLength } = vector;
    await this.#ask('insert', [
      id,
      TENANT,
      memory.coord,
      memory.content,
      JSON.stringify(memory.payload),
      JSON.stringify(memory.metadata),
      importance,
      memory.session_id,
      new Uint8Array(buffer, byteOffset, byteLength),
    ]);
  }

  async #neighbours(position: number): Promise<number> {
    const seen = new Set([position]);
    let frontier = [position];
    for (let depth = 0; depth < NEIGHBOUR_DEPTH && frontier.length > 0; depth++) {
      const links = await this.#ask('around', [TENANT, frontier]);
      frontier = links
        .flatMap((link) => [link.from_id as number, link.to_id as number])
        .filter((id) => !seen.has(id) && seen.add(id));
    }
    const found = [...seen].slice(1, 1 + NEIGHBOUR_LIMIT);
    return (await this.#ask('rows', [TENANT, found])).length;
  }

  async #path(from: number, to: number): Promise<boolean> {
    const cameFrom = new Map([[from, from]]);
    let frontier = [from];
    for (let step = 0; step < PATH_MAX_LENGTH && !cameFrom.has(to); step++) {
      const links = await this.#ask('onward', [TENANT, frontier]);
      frontier = [];
      for (const link of links) {
        const next = link.to_id as number;
        if (cameFrom.has(next)) continue;
        cameFrom.set(next, link.from_id as number);
        frontier.push(next);
      }
    }
    const path = [to];
    for (let at = to; at !== from; at = path.at(-1) ?? from) path.push(cameFrom.get(at) ?? from);
    return (await this.#ask('rows', [TENANT, path])).length === path.length;
  }

  #demand(right: boolean, call: Call): void {
    if (!right) throw new Error(`${this.name} answered ${call.operation} wrongly`);
  }
}
