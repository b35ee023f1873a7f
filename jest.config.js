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

/** `npm test` runs unit, contract and e2e; integration needs the real servers of tools/services. */
export default {
  testTimeout: 180_000,
  projects: [
    project('unit', [
      'libs/**/*.spec.ts',
      'apps/**/*.spec.ts',
      'tools/**/*.spec.ts',
      'test/bench/**/*.spec.ts',
      'test/deployment/**/*.spec.ts',
    ]),
    project('contract', ['test/contract/**/*.spec.ts']),
    project('e2e', ['test/e2e/**/*.spec.ts']),
    project('integration', ['test/integration/**/*.spec.ts']),
  ],
};
