import { randomBytes, randomUUID } from 'node:crypto';
import { Controller, Get } from '@nestjs/common';
import { TOKEN_SCOPES, type TokenScope } from '@soma/tenancy';
import { type Client, createClient } from '../client.js';
import { problem, sendRequest } from '../http.js';
import { OPERATOR_TOKEN } from '../service.js';
import { openApp, type OpenApp } from './open-app.js';
import { type OpenApiDocument, type OperationKey, operationsOf } from './operations.js';
import { PROBES } from './probes.js';
import { controllerRoutes, expressRoutes, type Route, routesOf } from './routes.js';

const PUBLIC: readonly OperationKey[] = [
  'GET /health',
  'GET /healthz',
  'GET /metrics',
  'GET /readyz',
];
const DOCUMENTATION = /^GET \/(?:openapi\.json|api\/docs(?:\/.*|-yaml|-json)?)$/;

@Controller('unsaid')
class UnsaidController {
  @Get()
  read(): string {
    return 'nobody said who may read this';
  }
}

describe('who may call a route', () => {
  let open: OpenApp;
  let document: OpenApiDocument;
  let routes: readonly Route[];
  const withAllBut = new Map<TokenScope, Client>();
  const withOnly = new Map<TokenScope, Client>();

  beforeAll(async () => {
    open = await openApp();
    document = (await sendRequest<OpenApiDocument>(open.url, 'GET', '/openapi.json')).body;
    routes = controllerRoutes(open.app);
    for (const scope of TOKEN_SCOPES) {
      const others = TOKEN_SCOPES.filter((other) => other !== scope);
      withAllBut.set(scope, await createClient(open.url, OPERATOR_TOKEN, others));
      withOnly.set(scope, await createClient(open.url, OPERATOR_TOKEN, [scope]));
    }
  });
  afterAll(() => open.close());

  const guarded = (): Route[] => routes.filter(({ access }) => access?.kind !== 'public');

  /** The status and code with which each route answers, by operation. */
  async function answersTo(
    asked: readonly Route[],
    credentials: (route: Route) => { token?: string; headers?: Record<string, string> },
  ): Promise<Record<OperationKey, unknown>> {
    const answers: Record<OperationKey, unknown> = {};
    for (const route of asked) {
      const [method = '', path = ''] = route.operation.split(' ');
      const body = ['POST', 'PATCH', 'PUT'].includes(method) ? {} : undefined;
      const named = path.replaceAll(/\{\w+\}/g, () => randomUUID());
      answers[route.operation] = await sendRequest(open.url, method, named, {
        ...credentials(route),
        body,
      });
    }
    return answers;
  }

  const eachIs = (asked: readonly Route[], answer: object) =>
    Object.fromEntries(asked.map(({ operation }) => [operation, answer]));

  it('P41 finds a route that does not say who may call it', () => {
    expect(routesOf([UnsaidController])).toEqual([{ operation: 'GET /unsaid', access: undefined }]);
  });

  it('P41 has a public mark, a scope or the operator on every route', () => {
    expect(routes.length).toBeGreaterThan(20);
    expect(routes.filter(({ access }) => access === undefined)).toEqual([]);
    for (const { access } of routes) {
      if (access?.kind === 'scope') expect(TOKEN_SCOPES).toContain(access.scope);
    }
  });

  it('P41 leaves exactly health, readiness, liveness and metrics open', () => {
    const open = routes.filter(({ access }) => access?.kind === 'public');
    expect(open.map(({ operation }) => operation).sort()).toEqual(PUBLIC);
  });

  it('P42 has every route in the OpenAPI document and in the table of probes', () => {
    const operations = routes.map(({ operation }) => operation).sort();
    expect(operationsOf(document)).toEqual(operations);
    expect(Object.keys(PROBES).sort()).toEqual(operations);
  });

  it('P41 answers nothing beside its controllers but the documentation', () => {
    const operations = new Set(routes.map(({ operation }) => operation));
    const beside = expressRoutes(open.app).filter((operation) => !operations.has(operation));
    expect(beside).not.toEqual([]);
    expect(beside.filter((operation) => !DOCUMENTATION.test(operation))).toEqual([]);
    expect(expressRoutes(open.app)).toEqual(expect.arrayContaining([...operations]));
  });

  it('P41 says in the OpenAPI document which routes want a token', () => {
    const wanting = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) =>
        typeof operation === 'object' && operation !== null && 'security' in operation
          ? [`${method.toUpperCase()} ${path}`]
          : [],
      ),
    );
    expect(wanting.sort()).toEqual(
      guarded()
        .map(({ operation }) => operation)
        .sort(),
    );
  });

  it('P41 answers public routes without a token', async () => {
    const open = routes.filter(({ access }) => access?.kind === 'public');
    const answers = await answersTo(open, () => ({}));
    expect(answers).toMatchObject(eachIs(open, { status: 200 }));
  });

  it('P41 refuses every other route without a token', async () => {
    const missing = [
      {},
      { headers: { authorization: `Basic ${OPERATOR_TOKEN}` } },
      { headers: { authorization: 'Bearer' } },
    ];
    for (const credentials of missing) {
      const answers = await answersTo(guarded(), () => credentials);
      expect(answers).toMatchObject(eachIs(guarded(), problem('TOKEN_MISSING')));
    }
  });

  it('P41 takes no token from the query or the body', async () => {
    const token = withOnly.get('memories:read')?.token ?? '';
    const path = `/memories?access_token=${token}`;
    expect(await sendRequest(open.url, 'GET', path)).toMatchObject(problem('TOKEN_MISSING'));
    const body = { query: 'tea', access_token: token };
    expect(await sendRequest(open.url, 'POST', '/memories/search', { body })).toMatchObject(
      problem('TOKEN_MISSING'),
    );
  });

  it('P41 refuses an unknown token, and a known id with another secret', async () => {
    const { tokenId } = await createClient(open.url, OPERATOR_TOKEN);
    const secret = randomBytes(32).toString('hex');
    const unknown = [
      `soma_${randomBytes(8).toString('hex')}_${secret}`,
      `soma_${tokenId}_${secret}`,
      `${OPERATOR_TOKEN}x`,
    ];
    for (const token of unknown) {
      const answers = await answersTo(guarded(), () => ({ token }));
      expect(answers).toMatchObject(eachIs(guarded(), problem('TOKEN_INVALID')));
    }
  });

  it('P42 refuses a token that has every scope but the one the route needs', async () => {
    const answers = await answersTo(guarded(), ({ access }) => ({
      token: withAllBut.get(access?.kind === 'scope' ? access.scope : 'admin')?.token,
    }));
    expect(answers).toMatchObject(eachIs(guarded(), problem('SCOPE_MISSING')));
  });

  it('P42 lets a token in that has only the scope the route needs', async () => {
    const scoped = guarded().filter(({ access }) => access?.kind === 'scope');
    const answers = await answersTo(scoped, ({ access }) => ({
      token: withOnly.get(access?.kind === 'scope' ? access.scope : 'admin')?.token,
    }));
    const refusal = expect.not.stringMatching(/^(?:401|403)$/);
    const statuses = Object.entries(answers as Record<string, { status: number }>).map(
      ([operation, { status }]) => [operation, String(status)],
    );
    expect(statuses).toEqual(scoped.map(({ operation }) => [operation, refusal]));
  });

  it("P42 keeps the operator's routes from a tenant's token of every scope", async () => {
    const operators = routes.filter(({ access }) => access?.kind === 'operator');
    const { token } = await createClient(open.url, OPERATOR_TOKEN);
    expect(operators.map(({ operation }) => operation).sort()).toEqual([
      'DELETE /admin/reembed',
      'DELETE /admin/tenants/{tenant}',
      'GET /admin/backup',
      'GET /admin/consistency',
      'GET /admin/deletions/{id}',
      'GET /admin/log-level',
      'GET /admin/reembed',
      'GET /admin/tenants',
      'GET /admin/tenants/{tenant}/encryption',
      'POST /admin/encryption/rewrap',
      'POST /admin/quotas/verify',
      'POST /admin/reconcile',
      'POST /admin/reembed',
      'POST /admin/reembed/finish',
      'POST /admin/reembed/rollback',
      'POST /admin/reembed/switch',
      'POST /admin/reindex',
      'POST /admin/tenants',
      'POST /admin/tenants/{tenant}/encryption/apply',
      'POST /admin/tenants/{tenant}/encryption/rotate',
      'POST /admin/tenants/{tenant}/resume',
      'POST /admin/tenants/{tenant}/suspend',
      'PUT /admin/log-level',
      'PUT /admin/tenants/{tenant}/encryption',
      'PUT /admin/tenants/{tenant}/quotas',
    ]);
    expect(await answersTo(operators, () => ({ token }))).toMatchObject(
      eachIs(operators, problem('SCOPE_MISSING')),
    );
  });

  it("P42 keeps every tenant's data from the operator's token", async () => {
    const data = guarded().filter(
      ({ access }) => access?.kind === 'scope' && access.scope !== 'admin',
    );
    expect(data.length).toBeGreaterThan(10);
    expect(await answersTo(data, () => ({ token: OPERATOR_TOKEN }))).toMatchObject(
      eachIs(data, problem('SCOPE_MISSING')),
    );
  });
});
