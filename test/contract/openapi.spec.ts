import { readFileSync } from 'node:fs';

interface Described {
  readonly description?: string;
}

interface Schema extends Described {
  readonly $ref?: string;
  readonly examples?: readonly unknown[];
  readonly example?: unknown;
}

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly (Described & { readonly name: string; readonly schema: Schema })[];
  readonly responses: Readonly<Record<string, Described>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const document = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as Document;
const schemas = Object.entries(document.components.schemas);
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    route: `${method.toUpperCase()} ${path}`,
    operation,
  })),
);

const refsIn = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) =>
        key === '$ref' && typeof inner === 'string' ? [inner] : refsIn(inner),
      )
    : [];

describe('docs/openapi.json', () => {
  it('has an example in every schema', () => {
    const without = schemas.filter(
      ([, schema]) => schema.example === undefined && !schema.examples?.length,
    );
    expect(without.map(([name]) => name)).toEqual([]);
    expect(schemas.length).toBeGreaterThan(10);
  });

  it('names every schema for what it is', () => {
    const nameless = schemas.map(([name]) => name).filter((name) => !/^[A-Z][A-Za-z]+$/.test(name));
    expect(nameless).toEqual([]);
  });

  it('has every schema that it speaks of', () => {
    const missing = refsIn(document).filter(
      (ref) => !(ref.replace('#/components/schemas/', '') in document.components.schemas),
    );
    expect(missing).toEqual([]);
  });

  it('says of every route what it does, and describes each parameter and each answer', () => {
    const gaps = operations.flatMap(({ route, operation }) => [
      ...(operation.summary ? [] : [`${route} has no summary`]),
      ...(operation.parameters ?? [])
        .filter(({ description }) => !description)
        .map(({ name }) => `${route}: parameter ${name}`),
      ...Object.entries(operation.responses)
        .filter(([, { description }]) => !description)
        .map(([status]) => `${route}: answer ${status}`),
    ]);
    expect(gaps).toEqual([]);
    expect(operations.length).toBeGreaterThan(15);
  });
});
