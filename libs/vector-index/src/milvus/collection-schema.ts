import { createHash } from 'node:crypto';
import {
  DataType,
  type DescribeCollectionResponse,
  type FieldType,
} from '@zilliz/milvus2-sdk-node';
import { unfit } from './milvus-failure.js';

/** Columns are named as filters name them. */
export const FIELDS = {
  key: 'entry_key',
  tenantId: 'tenant_id',
  namespace: 'namespace',
  memoryId: 'memory_id',
  memoryType: 'memory_type',
  tier: 'tier',
  importance: 'importance',
  trust: 'trust',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  coordinate: 'coordinate',
  tags: 'tags',
  hasTags: 'has_tags',
  sessionId: 'session_id',
  speaker: 'speaker',
  occurredAt: 'occurred_at',
  metadata: 'metadata',
  /** Tags and metadata were too large and are `{}`. */
  leftOut: 'left_out',
  vector: 'vector',
} as const;

/** 2.3 takes only objects as JSON, so the list of tags stands under a key. */
export const TAGS_KEY = 'all';

/** What stands where a memory lacks an optional column; no server here has nulls. */
export const ABSENT = {
  session_id: '',
  speaker: '',
  occurred_at: Number.MIN_SAFE_INTEGER,
} as const;

/**
 * Part of every collection's name, to be raised with each change of the columns: collections of
 * another version are neither used nor touched.
 */
const SCHEMA_VERSION = 3;

const varChar = (name: string, bytes: number): FieldType => ({
  name,
  data_type: DataType.VarChar,
  max_length: bytes,
});

/** The columns of a collection of vectors of one length. */
export const collectionFields = (dimension: number): FieldType[] => [
  { ...varChar(FIELDS.key, 128), is_primary_key: true },
  { ...varChar(FIELDS.tenantId, 64), is_partition_key: true },
  varChar(FIELDS.namespace, 1024),
  varChar(FIELDS.memoryId, 64),
  varChar(FIELDS.memoryType, 256),
  { name: FIELDS.tier, data_type: DataType.Int64 },
  { name: FIELDS.importance, data_type: DataType.Double },
  { name: FIELDS.trust, data_type: DataType.Double },
  { name: FIELDS.createdAt, data_type: DataType.Int64 },
  { name: FIELDS.updatedAt, data_type: DataType.Int64 },
  varChar(FIELDS.coordinate, 512),
  { name: FIELDS.tags, data_type: DataType.JSON },
  { name: FIELDS.hasTags, data_type: DataType.Bool },
  varChar(FIELDS.sessionId, 1024),
  varChar(FIELDS.speaker, 1024),
  { name: FIELDS.occurredAt, data_type: DataType.Int64 },
  { name: FIELDS.metadata, data_type: DataType.JSON },
  { name: FIELDS.leftOut, data_type: DataType.Bool },
  { name: FIELDS.vector, data_type: DataType.FloatVector, dim: dimension },
];

const MAX_SLUG = 32;

/** The same for every dimension of one model; ends in an underscore. */
export function modelPrefix(prefix: string, model: string): string {
  const slug = model.replace(/\W+/g, '_').slice(0, MAX_SLUG);
  const hash = createHash('sha256').update(model).digest('hex').slice(0, 10);
  return `${prefix}_${slug}_${hash}_`;
}

export const collectionName = (prefix: string, model: string, dimension: number): string =>
  `${modelPrefix(prefix, model)}${dimension}_v${SCHEMA_VERSION}`;

const NAME_END = new RegExp(`_[0-9a-f]{10}_(\\d+)_v${SCHEMA_VERSION}$`);

/** Undefined for a collection that is not one of ours, or of another schema. */
export function dimensionOf(prefix: string, name: string): number | undefined {
  const dimension = name.startsWith(`${prefix}_`) ? NAME_END.exec(name)?.[1] : undefined;
  return dimension === undefined ? undefined : Number(dimension);
}

/** @throws SomaError DEPENDENCY_UNAVAILABLE naming what differs from the columns we need. */
export function assertSchema(
  name: string,
  dimension: number,
  { schema }: DescribeCollectionResponse,
): void {
  const found = new Map(schema.fields.map((field) => [field.name, field]));
  const faults = collectionFields(dimension).flatMap((wanted) => {
    const field = found.get(wanted.name);
    const type = DataType[wanted.data_type as DataType];
    if (!field) return [`${wanted.name} is missing`];
    if (field.data_type !== type) return [`${wanted.name} is ${field.data_type}, not ${type}`];
    if (wanted.dim !== undefined && Number(field.dim) !== dimension) {
      return [`${wanted.name} has ${Number(field.dim)} dimensions, not ${dimension}`];
    }
    if (Boolean(wanted.is_primary_key) !== field.is_primary_key) {
      return [`${wanted.name} differs as primary key`];
    }
    if (Boolean(wanted.is_partition_key) !== Boolean(field.is_partition_key)) {
      return [`${wanted.name} differs as partition key`];
    }
    return [];
  });
  if (faults.length === 0) return;
  throw unfit(
    `The Milvus collection ${name} has another schema: ${faults.join('; ')}. ` +
      'Drop it to have it rebuilt, or choose another collection prefix.',
  );
}
