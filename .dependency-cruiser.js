/** Where the walls of the house stand. `npm run check:boundaries` fails when one is broken. */

const GENERATED = '^libs/persistence/src/generated/';
const TESTS = '[.](spec|contract|fixture|corpus)[.]ts$|^test/|/testing/|^libs/testing/';

/** A package may be imported by these folders only (and by tests, which look at the real thing). */
const only = (name, comment, packages, folders) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^(apps|libs)/', pathNot: [...folders, TESTS, GENERATED] },
  to: { path: packages },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-lib-imports-an-app',
      comment: 'Apps stand on libs. A lib that knows an app cannot serve the next one.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'no-app-imports-another-app',
      comment: 'Apps are deployed apart; what two of them need is a lib.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'lib-through-its-index',
      comment: 'A lib is entered through src/index.ts (@soma/<lib>): the rest may change freely.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/', pathNot: ['^libs/$1/', '^libs/[^/]+/src/index[.]ts$'] },
    },
    {
      name: 'lib-through-its-index-from-outside',
      comment:
        'The same for apps and for tests of more than one lib; suites kept for tests excepted.',
      severity: 'error',
      from: { path: '^(apps|test|tools)/' },
      to: { path: '^libs/', pathNot: ['^libs/[^/]+/src/index[.]ts$', TESTS] },
    },
    {
      name: 'index-is-for-others',
      comment: 'Inside a lib files name each other: a detour by the index makes a cycle.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/src/', pathNot: TESTS },
      to: { path: '^libs/$1/src/index[.]ts$' },
    },
    {
      name: 'core-imports-nothing',
      comment: 'Core is plain TypeScript that everything stands on; Node itself is all it may use.',
      severity: 'error',
      from: { path: '^libs/core/', pathNot: TESTS },
      to: { pathNot: '^libs/core/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'filter-imports-core-only',
      comment: 'The filter language is compiled by persistence and vector-index: it knows neither.',
      severity: 'error',
      from: { path: '^libs/filter/', pathNot: TESTS },
      to: { path: '^libs/', pathNot: '^libs/(filter|core)/' },
    },
    {
      name: 'ports-do-not-know-their-adapters',
      comment: 'Features speak to ports. Only composition joins them to what persistence offers.',
      severity: 'error',
      from: { path: '^libs/', pathNot: ['^libs/(persistence|composition|testing)/', TESTS] },
      to: { path: '^libs/(persistence|composition)/' },
    },
    {
      name: 'features-do-not-reach-up',
      comment:
        'Memory is the base of the features: graph and search use its record and its schemas, ' +
        'never the other way, and neither uses the other.',
      severity: 'error',
      from: {
        path: '^libs/(audit|deletion|memory|graph|locks|search|tenancy|indexing)/',
        pathNot: TESTS,
      },
      to: {
        path: '^libs/(audit|deletion|graph|locks|search|tenancy|indexing)/',
        pathNot: '^libs/$1/',
      },
    },
    {
      name: 'features-do-not-inject-each-other',
      comment: "A feature that needs another's service asks for a port, or listens to an event.",
      severity: 'error',
      from: { path: '^libs/(audit|deletion|memory|graph|locks|search|tenancy)/', pathNot: TESTS },
      to: {
        path: '^libs/(audit|deletion|memory|graph|locks|search|tenancy)/src/.*[.]service[.]ts$',
        pathNot: '^libs/$1/',
      },
    },
    {
      name: 'pure-maths-knows-no-framework',
      comment: 'Formulas take numbers and give numbers: no Nest and no I/O.',
      severity: 'error',
      from: {
        path:
          '^libs/(core|filter)/|^libs/search/src/(fusion|recipes)[.]ts$|^libs/search/src/(ranking|packing)/|' +
          '^libs/memory/src/derived-coordinate[.]ts$|^libs/vector-index/src/flat/(dot-product|best-rows)[.]ts$|' +
          '^libs/embedding/src/(feature-hash|light-stem|text-features|unit-vector)[.]ts$',
        pathNot: TESTS,
      },
      to: { path: '(^|/)node_modules/(@nestjs|express|ioredis|pg)(/|$)' },
    },
    only(
      'database-in-persistence-only',
      'SQL has one door (withTenant) and it is in persistence.',
      '(^|/)node_modules/(@prisma|pg|@electric-sql|pglite-prisma-adapter)/|' + GENERATED,
      ['^libs/persistence/'],
    ),
    only(
      'milvus-in-vector-index-only',
      "Every trap of Milvus is known in one place: behind the VectorIndex port's adapter.",
      '(^|/)node_modules/@zilliz/',
      ['^libs/vector-index/'],
    ),
    only(
      'opentelemetry-in-tracing-only',
      'Others say where work begins and ends, by the port; without a receiver no SDK is loaded.',
      '(^|/)node_modules/@opentelemetry/',
      ['^libs/tracing/'],
    ),
    only(
      'redis-where-it-is-opened-or-an-adapter',
      'Composition opens Redis; the embedding cache and the rate limiter are its adapters.',
      '(^|/)node_modules/ioredis/',
      ['^libs/composition/', '^libs/resilience/', '^libs/embedding/', '^apps/api/src/http/'],
    ),
    {
      name: 'connections-are-opened-where-it-is-known-whereto',
      comment:
        'A URL of a client is fetched by libs/outbound alone. Named here: what listens instead of ' +
        'connecting, or judges an address. `fetch` is kept away by no-restricted-globals of the linter.',
      severity: 'error',
      from: {
        path: '^(apps|libs)/',
        pathNot: [
          '^libs/outbound/',
          '^apps/api/src/http/(http-server|malformed-http)[.]ts$',
          '^apps/cli/src/connection[.]ts$',
          TESTS,
        ],
      },
      to: {
        path: '^(node:)?(http|https|http2|net|tls|dgram|dns|dns/promises)$|(^|/)node_modules/(undici|axios|got|node-fetch)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    only(
      'http-in-apps-only',
      'Libs do not know what carries the request; observability and tenancy have their Nest parts.',
      '(^|/)node_modules/(express|@nestjs/(platform-express|swagger)|@types/express)/',
      ['^apps/'],
    ),
    {
      name: 'fakes-for-tests-only',
      comment: 'libs/testing and testing/ folders are for specs: no fake may reach production.',
      severity: 'error',
      from: { pathNot: TESTS },
      to: { path: '^libs/testing/|/testing/|[.](spec|contract|fixture|corpus)[.]ts$' },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or lack a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A file nobody imports is either an entry point named here or rubbish.',
      severity: 'error',
      from: {
        orphan: true,
        path: '^(apps|libs)/',
        pathNot: [TESTS, '/main[.]ts$', '[.]d[.]ts$'],
      },
      to: {},
    },
    {
      name: 'no-unresolvable',
      comment: 'What cannot be found here will not be found in production.',
      severity: 'error',
      from: { path: '^(apps|libs|test)/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-undeclared-package',
      comment: 'A package that is not in package.json is there by luck.',
      severity: 'error',
      from: { path: '^(apps|libs)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-dev-package-in-production',
      comment: 'devDependencies are not in the image.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [TESTS] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', GENERATED] },
    exclude: { path: ['^dist/', '^data/', '^[.]services/'] },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
};
