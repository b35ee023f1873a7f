import type { Database } from '@soma/persistence';

export type TenantTransaction = Parameters<Parameters<Database['withTenant']>[1]>[0];

/** A statement made in the test, where the service has only templates. */
export function statement(sql: string): TemplateStringsArray {
  return Object.assign([sql], { raw: [sql] });
}

export interface RowIds {
  readonly memory: string;
  readonly entry: string;
  readonly link: string;
}

export interface TableOfTenants {
  readonly name: string;
  readonly insert: (tenant: string, ids: RowIds, mark: string) => string;
  /** A condition that picks the one row of these ids, whoever owns it. */
  readonly key: (ids: RowIds, mark: string) => string;
  /** An assignment that changes nothing else. */
  readonly change: string;
}

/** Every table that holds a tenant's rows, in the order in which rows can be inserted. */
export const TENANT_TABLES: readonly TableOfTenants[] = [
  {
    name: 'memories',
    insert: (tenant, { memory }, mark) => `
      INSERT INTO memories (tenant_id, id, namespace, coordinate, coordinate_values, memory_type,
        content, payload, metadata, tags, importance, created_at, updated_at)
      VALUES ('${tenant}', '${memory}', 'default', '${memory}', '{1,2}', 'episodic', '${mark}',
        '{"mark": "${mark}"}', '{}', '{}', 0.5, now(), now())`,
    key: ({ memory }) => `id = '${memory}'`,
    change: 'importance = 0',
  },
  {
    name: 'memory_versions',
    insert: (tenant, { memory }, mark) => `
      INSERT INTO memory_versions (tenant_id, memory_id, version, snapshot, created_at)
      VALUES ('${tenant}', '${memory}', 1, '{"mark": "${mark}"}', now())`,
    key: ({ memory }) => `memory_id = '${memory}'`,
    change: "snapshot = '{}'",
  },
  {
    name: 'embeddings',
    insert: (tenant, { memory, entry }, mark) => `
      INSERT INTO embeddings (tenant_id, memory_id, namespace, entry_id, model, dimension, vector)
      VALUES ('${tenant}', '${memory}', 'default', '${entry}', '${mark}', 1, '\\x00000000')`,
    key: ({ memory }) => `memory_id = '${memory}'`,
    change: 'dimension = 2',
  },
  {
    name: 'postings',
    insert: (tenant, { memory }, mark) => `
      INSERT INTO postings (tenant_id, namespace, lexeme, memory_id, term_frequency, length)
      VALUES ('${tenant}', 'default', '${mark}', '${memory}', 1, 1)`,
    key: ({ memory }) => `memory_id = '${memory}'`,
    change: 'term_frequency = 9',
  },
  {
    name: 'lexical_stats',
    insert: (tenant, _ids, mark) => `
      INSERT INTO lexical_stats (tenant_id, namespace, memories, total_length)
      VALUES ('${tenant}', '${mark}', 1, 1)`,
    key: (_ids, mark) => `namespace = '${mark}'`,
    change: 'memories = 9',
  },
  {
    name: 'session_stats',
    insert: (tenant, _ids, mark) => `
      INSERT INTO session_stats (tenant_id, namespace, session_key, memories, total_length,
        started_at)
      VALUES ('${tenant}', '${mark}', 1, 1, 1, now())`,
    key: (_ids, mark) => `namespace = '${mark}'`,
    change: 'memories = 9',
  },
  {
    name: 'links',
    insert: (tenant, { memory, link }, mark) => `
      INSERT INTO links (tenant_id, id, from_id, to_id, link_type, strength, metadata, created_at,
        updated_at)
      VALUES ('${tenant}', '${link}', '${memory}', '${memory}', '${mark}', 1, '{}', now(), now())`,
    key: ({ link }) => `id = '${link}'`,
    change: 'strength = 0',
  },
  {
    name: 'index_outbox',
    insert: (tenant, { entry }, mark) => `
      INSERT INTO index_outbox (tenant_id, operation, entry_id, model)
      VALUES ('${tenant}', 'insert', '${entry}', '${mark}')`,
    key: ({ entry }) => `entry_id = '${entry}'`,
    change: 'attempts = 9',
  },
  {
    name: 'idempotency_keys',
    insert: (tenant, _ids, mark) => `
      INSERT INTO idempotency_keys (tenant_id, key, request_hash, response)
      VALUES ('${tenant}', '${mark}', 'hash', '{"content": "${mark}"}')`,
    key: (_ids, mark) => `key = '${mark}'`,
    change: "request_hash = 'changed'",
  },
  {
    name: 'locks',
    insert: (tenant, _ids, mark) => `
      INSERT INTO locks (tenant_id, name, fencing_token, lease_hash, expires_at)
      VALUES ('${tenant}', '${mark}', 1, '${mark}', now() + interval '1 hour')`,
    key: (_ids, mark) => `name = '${mark}'`,
    change: 'fencing_token = 9',
  },
];
