import type { Database } from '@soma/persistence';

export type TenantTransaction = Parameters<Parameters<Database['withTenant']>[1]>[0];

/** A statement made in the test, where the service has only templates. */
export function statement(sql: string): TemplateStringsArray {
  return Object.assign([sql], { raw: [sql] });
}

export interface RowIds {
  readonly tenant: string;
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
  /** What no role of the service may do to a row, its own included. */
  readonly denied?: readonly ('UPDATE' | 'DELETE')[];
}

/** Every table that holds a tenant's rows, in the order in which rows can be inserted. */
export const TENANT_TABLES: readonly TableOfTenants[] = [
  {
    name: 'memories',
    insert: (tenant, { memory }, mark) => `
      INSERT INTO memories (tenant_id, id, namespace, coordinate, coordinate_values, memory_type,
        content, payload, metadata, tags, importance, created_at, updated_at)
      VALUES ('${tenant}', '${memory}', 'default', '${memory}', '{1,2}', 'semantic', '${mark}',
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
    name: 'facts',
    insert: (tenant, { memory }, mark) => `
      INSERT INTO facts (tenant_id, memory_id, namespace, slot, valid_from, created_at)
      VALUES ('${tenant}', '${memory}', 'default', '${mark}', now(), now())`,
    key: ({ memory }) => `memory_id = '${memory}'`,
    change: "valid_from = 'epoch'",
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
    name: 'quarantined_writes',
    insert: (tenant, { memory }, mark) => `
      INSERT INTO quarantined_writes (tenant_id, id, namespace, coordinate, written_by, written_at,
        snapshot)
      VALUES ('${tenant}', '${memory}', 'default', '1', '${mark}', now(), '{"mark": "${mark}"}')`,
    key: ({ memory }) => `id = '${memory}'`,
    change: "written_by = 'changed'",
  },
  {
    name: 'decay_policies',
    insert: (tenant) => `
      INSERT INTO decay_policies (tenant_id, policy, updated_at) VALUES ('${tenant}', '{}', now())
      ON CONFLICT DO NOTHING`,
    key: ({ tenant }) => `tenant_id = '${tenant}'`,
    change: 'next_run_at = now()',
  },
  {
    name: 'legal_holds',
    insert: (tenant, { memory }, mark) => `
      INSERT INTO legal_holds (tenant_id, memory_id, reason, placed_at)
      VALUES ('${tenant}', '${memory}', '${mark}', now())`,
    key: ({ memory }) => `memory_id = '${memory}'`,
    change: 'placed_at = now()',
  },
  {
    name: 'memory_feedback',
    insert: (tenant, { memory, link }, mark) => `
      INSERT INTO memory_feedback (tenant_id, id, memory_id, namespace, reward, learning_rate,
        importance_before, importance_after, created_at)
      VALUES ('${tenant}', '${link}', '${memory}', '${mark}', 1, 0.2, 0.5, 0.6, now())`,
    key: ({ link }) => `id = '${link}'`,
    change: 'reward = 0',
  },
  {
    name: 'decayed_fields',
    insert: (tenant, { memory, link }, mark) => `
      INSERT INTO decayed_fields (tenant_id, id, memory_id, namespace, version, payload_keys,
        metadata_keys, archived_at, purge_at)
      VALUES ('${tenant}', '${link}', '${memory}', 'default', 1, '{${mark}}', '{}', now(), now())`,
    key: ({ link }) => `id = '${link}'`,
    change: "metadata_keys = '{}'",
  },
  {
    name: 'archived_memories',
    insert: (tenant, { memory }, mark) => `
      INSERT INTO archived_memories (tenant_id, id, namespace, coordinate, coordinate_values,
        memory_type, content, payload, metadata, tags, importance, created_at, updated_at,
        archived_at, purge_at, salience)
      VALUES ('${tenant}', '${memory}', 'default', '${memory}', '{1,2}', 'episodic', '${mark}',
        '{"mark": "${mark}"}', '{}', '{}', 0.5, now(), now(), now(), now(), 0)`,
    key: ({ memory }) => `id = '${memory}'`,
    change: 'importance = 0',
  },
  {
    name: 'archived_versions',
    insert: (tenant, { memory }, mark) => `
      INSERT INTO archived_versions (tenant_id, memory_id, version, snapshot, created_at)
      VALUES ('${tenant}', '${memory}', 1, '{"mark": "${mark}"}', now())`,
    key: ({ memory }) => `memory_id = '${memory}'`,
    change: "snapshot = '{}'",
  },
  {
    name: 'archived_embeddings',
    insert: (tenant, { memory, entry }, mark) => `
      INSERT INTO archived_embeddings (tenant_id, memory_id, namespace, entry_id, model, dimension,
        vector)
      VALUES ('${tenant}', '${memory}', 'default', '${entry}', '${mark}', 1, '\\x00000000')`,
    key: ({ memory }) => `memory_id = '${memory}'`,
    change: 'dimension = 2',
  },
  {
    name: 'archived_links',
    insert: (tenant, { memory, link }, mark) => `
      INSERT INTO archived_links (tenant_id, id, from_id, to_id, link_type, strength, metadata,
        created_at, updated_at)
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
  {
    name: 'answered_memories',
    insert: (tenant, { memory }, mark) => `
      INSERT INTO answered_memories (tenant_id, key, memory_id)
      VALUES ('${tenant}', '${mark}', '${memory}')`,
    key: ({ memory }) => `memory_id = '${memory}'`,
    change: 'memory_id = memory_id',
  },
  {
    name: 'deletions',
    insert: (tenant, { entry }) => `
      INSERT INTO deletions (tenant_id, id, kind, salt)
      VALUES ('${tenant}', '${entry}', 'memory', '\\x00')`,
    key: ({ entry }) => `id = '${entry}'`,
    change: 'memories = 9',
    denied: ['DELETE'],
  },
  {
    name: 'deletion_memories',
    insert: (tenant, { entry, memory }, mark) => `
      INSERT INTO deletion_memories (tenant_id, deletion_id, hash, memory_id)
      VALUES ('${tenant}', '${entry}', '${mark}', '${memory}')`,
    key: ({ entry }) => `deletion_id = '${entry}'`,
    change: 'memory_id = NULL',
    denied: ['DELETE'],
  },
  {
    name: 'audit_events',
    insert: (tenant, { link }, mark) => `
      INSERT INTO audit_events (tenant_id, id, occurred_at, actor, action, target_kind, target,
        request_id, source, outcome, details)
      VALUES ('${tenant}', '${link}', now(), '${mark}', 'test', 'none', '', '', '', 'done', '{}')`,
    key: ({ link }) => `id = '${link}'`,
    change: "actor = 'changed'",
    denied: ['UPDATE', 'DELETE'],
  },
  {
    name: 'audit_memories',
    insert: (tenant, { memory, link }) => `
      INSERT INTO audit_memories (tenant_id, memory_id, event_id)
      VALUES ('${tenant}', '${memory}', '${link}')`,
    key: ({ memory }) => `memory_id = '${memory}'`,
    change: 'event_id = event_id',
    denied: ['UPDATE', 'DELETE'],
  },
  {
    name: 'tenant_usage',
    insert: (tenant) => `
      INSERT INTO tenant_usage (tenant_id) VALUES ('${tenant}') ON CONFLICT DO NOTHING`,
    key: ({ tenant }) => `tenant_id = '${tenant}'`,
    change: 'links = 9',
  },
  {
    name: 'usage_days',
    insert: (tenant) => `
      INSERT INTO usage_days (tenant_id, day) VALUES ('${tenant}', '2026-11-21')
      ON CONFLICT DO NOTHING`,
    key: ({ tenant }) => `tenant_id = '${tenant}'`,
    change: 'searches = 9',
  },
  {
    name: 'tenant_keys',
    insert: (tenant, _ids, mark) => `
      INSERT INTO tenant_keys (tenant_id, version, wrapped)
      SELECT '${tenant}', 1 + count(*), '${mark}' FROM tenant_keys`,
    key: (_ids, mark) => `wrapped = '${mark}'`,
    change: 'created_at = now()',
  },
  {
    name: 'tenant_encryption',
    insert: (tenant, _ids, mark) => `
      INSERT INTO tenant_encryption (tenant_id, fields, held, key_version, revision, applied)
      VALUES ('${tenant}', '{}', '{${mark}}', 0, 1, true) ON CONFLICT DO NOTHING`,
    key: (_ids, mark) => `held = '{${mark}}'`,
    change: 'revision = 9',
  },
  {
    name: 'memory_sources',
    insert: (tenant, { memory }) => `
      INSERT INTO memory_sources (tenant_id, node_id, source_id, source_version, weight, position)
      VALUES ('${tenant}', '${memory}', '${memory}', 1, 1, 0)`,
    key: ({ memory }) => `node_id = '${memory}'`,
    change: 'position = 9',
  },
  {
    name: 'hierarchy_items',
    insert: (tenant, { memory }) => `
      INSERT INTO hierarchy_items (tenant_id, namespace, level, item_id, version, at, arrived,
        first_id, ends_at, leaves)
      VALUES ('${tenant}', 'default', 1, '${memory}', 1, now(), now(), '${memory}', now(), 1)`,
    key: ({ memory }) => `item_id = '${memory}'`,
    change: 'leaves = 9',
  },
  {
    name: 'hierarchy_marks',
    insert: (tenant, _ids, mark) => `
      INSERT INTO hierarchy_marks (tenant_id, namespace, level, at, arrived)
      VALUES ('${tenant}', '${mark}', 0, now(), now())`,
    key: (_ids, mark) => `namespace = '${mark}'`,
    change: 'level = 9',
  },
  {
    name: 'hierarchy_turns',
    insert: (tenant, _ids, mark) => `
      INSERT INTO hierarchy_turns (tenant_id, namespace, expires_at)
      VALUES ('${tenant}', '${mark}', now())`,
    key: (_ids, mark) => `namespace = '${mark}'`,
    change: 'expires_at = now()',
  },
];
