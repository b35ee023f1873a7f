import { readFileSync } from 'node:fs';

interface Described {
  readonly description?: string;
}

interface Schema extends Described {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: unknown;
  readonly $ref?: string;
  readonly examples?: readonly unknown[];
  readonly example?: unknown;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly (Described & { readonly name: string; readonly schema: Schema })[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Described & { readonly content?: Content }>>;
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

  it('takes no unknown key in the body of any route', () => {
    const bodies = operations.flatMap(({ route, operation }) => {
      const schema = operation.requestBody?.content['application/json']?.schema;
      return schema ? [{ route, open: openIn(schema) }] : [];
    });
    expect(bodies.length).toBeGreaterThan(10);
    expect(bodies.filter(({ open }) => open.length > 0)).toEqual([]);
  });

  it('describes every failure as a problem document', () => {
    const others = operations.flatMap(({ route, operation }) =>
      Object.entries(operation.responses).flatMap(([status, { content = {} }]) =>
        Number(status) >= 400 && !('application/problem+json' in content)
          ? [`${route} ${status}`]
          : [],
      ),
    );
    expect(others).toEqual([]);
  });
});

/** Places of objects that take any key, but for free JSON, which is meant to. */
function openIn(given: Schema, at = ''): string[] {
  const schema = given.$ref
    ? document.components.schemas[given.$ref.split('/').at(-1) ?? '']
    : given;
  if (!schema) return [`${at}: ${given.$ref} is missing`];
  const isFreeJson = JSON.stringify(schema.additionalProperties ?? null).includes('/JsonValue"');
  const isOpen = schema.type === 'object' && schema.additionalProperties !== false && !isFreeJson;
  return [
    ...(isOpen ? [at || '/'] : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([key, inner]) =>
      openIn(inner, `${at}/${key}`),
    ),
    ...(schema.items ? openIn(schema.items, `${at}/*`) : []),
  ];
}
