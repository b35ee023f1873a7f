import { embedderServer } from './embedder.server.ts';
import { milvusLiteServer } from './milvus-lite.server.ts';
import { milvusServer } from './milvus.server.ts';
import { postgresServer } from './postgres.server.ts';
import { redisServer } from './redis.server.ts';
import { SERVER_NAMES } from './server-definition.ts';
import type { ServerDefinition, ServerName } from './server-definition.ts';

const CATALOGUE: Readonly<Record<ServerName, ServerDefinition>> = {
  postgres: postgresServer,
  redis: redisServer,
  milvus: milvusServer,
  'milvus-lite': milvusLiteServer,
  embedder: embedderServer,
};

export function serverDefinition(name: ServerName): ServerDefinition {
  return CATALOGUE[name];
}

export function parseServerName(text: string): ServerName {
  const name = SERVER_NAMES.find((known) => known === text);
  if (name === undefined) {
    throw new Error(`no server is called '${text}': the names are ${SERVER_NAMES.join(', ')}`);
  }
  return name;
}
