import type { PolicyInput } from './policy-input.js';

/** Whether the operator's policy allows a request that its token's scopes allow already. */
export abstract class PolicyDecision {
  /** False when no policy is configured: nothing needs to be asked. */
  abstract readonly isConfigured: boolean;
  /**
   * The policy's answer; false unless it is exactly `true`, so also when it has none.
   * @throws SomaError POLICY_UNAVAILABLE when it cannot be asked, or fails.
   */
  abstract isAllowed(input: PolicyInput): Promise<boolean>;
}

/** Without a policy scopes alone decide. */
export class NoPolicy extends PolicyDecision {
  readonly isConfigured = false;

  isAllowed(): Promise<boolean> {
    return Promise.resolve(true);
  }
}
