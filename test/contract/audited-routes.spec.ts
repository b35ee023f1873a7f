import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { ArchiveController } from '../../apps/api/src/forgetting/archive.controller.js';
import { QuarantineController } from '../../apps/api/src/admin/quarantine.controller.js';
import { MemoryContextController } from '../../apps/api/src/memories/memory-context.controller.js';
import { GraphController } from '../../apps/api/src/graph/graph.controller.js';
import { DuplicatesController } from '../../apps/api/src/hierarchy/duplicates.controller.js';
import { HierarchyController } from '../../apps/api/src/hierarchy/hierarchy.controller.js';
import { AUDITED } from '../../apps/api/src/http/audit.interceptor.js';
import { MemoriesController } from '../../apps/api/src/memories/memories.controller.js';
import { MemoryCollectionController } from '../../apps/api/src/memories/memory-collection.controller.js';
import { VersionsController } from '../../apps/api/src/memories/versions.controller.js';

type Json = { readonly [name: string]: Json } | readonly Json[] | string | number | boolean | null;

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, Json>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}

const document = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as Document;
const controllers = {
  MemoryContextController,
  QuarantineController,
  ArchiveController,
  HierarchyController,
  DuplicatesController,
  GraphController,
  MemoriesController,
  MemoryCollectionController,
  VersionsController,
};

/** They answer with what they have just changed, of which the change's own event tells. */
const TOLD_BY_THEIR_CHANGE = [
  'PATCH /memories/{address}',
  'POST /memories',
  'POST /memories/bulk',
  'POST /memories/{address}/feedback',
  'POST /memories/{address}/versions/{version}/restore',
];

/** Properties of an object that shows a memory: itself, what is in quarantine, or lines drawn from it. */
const SHOWN_BY = [
  ['content', 'coordinate'],
  ['content', 'payload'],
  ['text', 'memory_ids'],
];

/** Whether a schema is, holds or refers to a memory with its content. */
function showsMemory(schema: Json, seen = new Set<string>()): boolean {
  if (schema === null || typeof schema !== 'object') return false;
  if (Array.isArray(schema)) return schema.some((inner: Json) => showsMemory(inner, seen));
  const { $ref: reference, properties } = schema as Readonly<Record<string, Json>>;
  if (typeof reference === 'string' && !seen.has(reference)) {
    seen.add(reference);
    const target = document.components.schemas[reference.split('/').at(-1) ?? ''];
    if (target !== undefined && showsMemory(target, seen)) return true;
  }
  const names = Object.keys((properties ?? {}) as object);
  if (SHOWN_BY.some((marks) => marks.every((mark) => names.includes(mark)))) return true;
  return Object.values(schema).some((inner) => showsMemory(inner, seen));
}

const isAudited = (operationId: string): boolean => {
  const [name = '', method = ''] = operationId.split('_');
  const controller = Object.entries(controllers).find(([known]) => known === name)?.[1];
  const handler: unknown = controller && Reflect.get(controller.prototype, method);
  return typeof handler === 'function' && Reflect.hasMetadata(AUDITED, handler);
};

describe('routes that show memories', () => {
  const showing = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { operationId, responses }]) =>
      Object.entries(responses).some(([status, answer]) => status < '300' && showsMemory(answer))
        ? [{ name: `${method.toUpperCase()} ${path}`, operationId }]
        : [],
    ),
  );

  it('P23 are all audited, as recalls or by what they change', () => {
    const names = showing.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([...TOLD_BY_THEIR_CHANGE, 'GET /memories', 'POST /memories/search']),
    );
    const silent = showing.filter(({ operationId }) => !isAudited(operationId));
    expect(silent.map(({ name }) => name).toSorted()).toEqual(TOLD_BY_THEIR_CHANGE);
  });
});
