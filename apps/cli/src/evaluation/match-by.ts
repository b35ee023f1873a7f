import type { ApiRequest } from '../api-client.js';
import { usageError } from '../cli-error.js';
import type { Memory } from '../memory.js';
import { refFrom } from '../options.js';

export type Label = string | number;

/** How a file of labelled queries names memories. */
export interface MatchBy {
  readonly name: string;
  /** The label in the one form that is compared; undefined when it cannot name a memory. */
  readonly keyOf: (label: Label) => string | undefined;
  /** What a label must be, for a message. */
  readonly expects: string;
  /** Everything a memory goes by. */
  readonly keysOf: (memory: Memory) => readonly string[];
  /** Asks for the memory without counting as an access. */
  readonly lookUp: (key: string, namespace: string | undefined) => ApiRequest;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const METADATA = 'metadata.';

/** @throws CliError when `text` is none of id, coordinate and metadata.<name>. */
export function matchBy(text: string | undefined): MatchBy {
  if (text === undefined) return BY_ID_OR_COORDINATE;
  if (text === 'id') return BY_ID;
  if (text === 'coordinate') return BY_COORDINATE;
  if (text.startsWith(METADATA) && text.length > METADATA.length) return byMetadata(text);
  throw usageError(
    `--match ${text}: memories are named by id, coordinate or metadata.<name>.`,
    'Like: --match metadata.message_id',
  );
}

const BY_ID: MatchBy = {
  name: 'id',
  keyOf: (label) => {
    const { id } = refFrom(String(label));
    return id?.toLowerCase();
  },
  expects: 'an id, which is a UUID',
  keysOf: ({ id }) => [id],
  lookUp: (key, namespace) => ({
    path: '/graph/neighbors',
    query: { id: key, namespace, depth: 1, limit: 1 },
    alsoAccept: 404,
  }),
};

const BY_COORDINATE: MatchBy = {
  name: 'coordinate',
  keyOf: (label) => canonicalCoordinate(String(label)),
  expects: 'a coordinate like 1.0,2.0,3.0',
  keysOf: ({ coordinate }) => [canonicalCoordinate(coordinate) ?? coordinate],
  lookUp: (key, namespace) => listed({ coordinate: key }, namespace),
};

const BY_ID_OR_COORDINATE: MatchBy = {
  name: 'id or coordinate',
  keyOf: (label) => BY_ID.keyOf(label) ?? BY_COORDINATE.keyOf(label),
  expects: 'an id or a coordinate; say what it is with --match metadata.<name>',
  keysOf: (memory) => [...BY_ID.keysOf(memory), ...BY_COORDINATE.keysOf(memory)],
  lookUp: (key, namespace) =>
    (BY_ID.keyOf(key) === undefined ? BY_COORDINATE : BY_ID).lookUp(key, namespace),
};

/** A value that is a list stands for each of its members. */
function byMetadata(field: string): MatchBy {
  const path = field.slice(METADATA.length).split('.');
  return {
    name: field,
    keyOf: String,
    expects: 'a text or a number',
    keysOf: ({ metadata }) => {
      const value = path.reduce<unknown>(memberOf, metadata);
      return (Array.isArray(value) ? value : [value]).filter(isLabel).map(String);
    },
    lookUp: (key, namespace) => {
      const values = [key, ...(NUMBER.test(key) ? [Number(key)] : [])];
      return listed({ or: [{ [field]: { in: values } }, { [field]: { any: values } }] }, namespace);
    },
  };
}

const listed = (filter: object, namespace: string | undefined): ApiRequest => ({
  path: '/memories',
  query: { namespace, filter: JSON.stringify(filter), limit: 1 },
});

const isLabel = (value: unknown): value is Label =>
  typeof value === 'string' || typeof value === 'number';

function memberOf(value: unknown, name: string): unknown {
  const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
  return isObject ? (value as Record<string, unknown>)[name] : undefined;
}

/** `1.0, 2` and `1,2` are one place; undefined when the text is not numbers with commas between. */
function canonicalCoordinate(text: string): string | undefined {
  const parts = text.split(',').map((part) => part.trim());
  if (!parts.every((part) => NUMBER.test(part))) return undefined;
  return parts.map((part) => String(Number(part) || 0)).join(',');
}
