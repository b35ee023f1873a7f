import type { FilterDialect } from './server-features.js';

/** Where a comparison stands, which decides to which side its test may err. */
export interface TestContext {
  readonly dialect: FilterDialect;
  /**
   * A test that stands as it is lets at least all matching entries through; one to be negated, only
   * matching ones.
   */
  readonly isNegated: boolean;
}
