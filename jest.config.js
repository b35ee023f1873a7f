const swc = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    target: 'es2023',
    keepClassNames: true,
  },
  module: { type: 'es6' },
};

const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false }] },
  moduleNameMapper: {
    '^@soma/([a-z-]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.services', '<rootDir>/data'],
};

const project = (displayName, testMatch, extra = {}) => ({
  ...shared,
  displayName,
  testMatch: testMatch.map((glob) => `<rootDir>/${glob}`),
  ...extra,
});

/** They start the built service as it comes, on the embedded stack, wherever they run: once is enough. */
const EMBEDDED_ALONE = [
  'backup',
  'canaries',
  'durability',
  'extension-modules',
  'import-bomb',
  'lock-processes',
  'log-level',
  'process',
  'reembed-process',
  'traces-process',
  'worker-log-level',
].map((name) => `test/e2e/${name}.spec.ts`);

/** They say how long answers take while a server is sick: no other test beside them. */
const SICK = 'test/integration/sick-*.spec.ts';

/** It installs packages and builds, for a minute or so. */
const CONTAINER = 'test/deployment/container.spec.ts';

/** It asks helm, which tools/helm builds. */
const CHART = 'test/deployment/chart.spec.ts';

/**
 * `npm test` runs unit, contract, e2e and embedded; integration and sick need the
 * real servers of tools/services, opa and helm the programs that tools/opa and tools/helm build,
 * and container the packages.
 */
export default {
  testTimeout: 300_000,
  maxWorkers: '100%',
  // A worker keeps modules of every spec it has run: with gigabytes of them its pauses fail what is timed.
  workerIdleMemoryLimit: '1GB',
  projects: [
    project(
      'unit',
      [
        'libs/**/*.spec.ts',
        'apps/**/*.spec.ts',
        'tools/**/*.spec.ts',
        'test/bench/**/*.spec.ts',
        'test/faults/**/*.spec.ts',
        'test/deployment/**/*.spec.ts',
        'test/schema/**/*.spec.ts',
      ],
      { testPathIgnorePatterns: [CONTAINER, CHART].map((path) => `<rootDir>/${path}$`) },
    ),
    project('container', [CONTAINER]),
    project('helm', [CHART]),
    project('contract', ['test/contract/**/*.spec.ts']),
    project('e2e', ['test/e2e/**/*.spec.ts'], {
      testPathIgnorePatterns: EMBEDDED_ALONE.map((path) => `<rootDir>/${path}$`),
    }),
    project('embedded', EMBEDDED_ALONE),
    project('integration', ['test/integration/**/*.spec.ts'], {
      testPathIgnorePatterns: [`<rootDir>/${SICK.replace('*', '.*')}$`],
    }),
    project('sick', [SICK]),
    project('opa', ['test/opa/**/*.spec.ts']),
  ],
};
