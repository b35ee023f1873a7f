import type { Service } from '../service.js';

/** Method and path as the OpenAPI document writes them: `GET /memories/{address}`. */
export type OperationKey = `${string} /${string}`;

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The document of the running service, which is where the tests learn what routes there are. */
export async function readDocument(service: Service): Promise<OpenApiDocument> {
  const answer = await service.request<OpenApiDocument>('GET', '/openapi.json');
  if (answer.status !== 200) throw new Error(`/openapi.json answered ${answer.status}.`);
  return answer.body;
}

export function operationsOf({ paths }: OpenApiDocument): OperationKey[] {
  return Object.entries(paths)
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => operationKey(method, path)))
    .sort();
}

export function operationKey(method: string, path: string): OperationKey {
  return `${method.toUpperCase()} ${path}` as OperationKey;
}
