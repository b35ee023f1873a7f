import { type LoadedPolicy, loadPolicy } from '@open-policy-agent/opa-wasm';
import { readBundle } from './bundle-files.js';
import { PolicyDecision } from './policy-decision.js';
import { policyUnavailable } from './policy-failure.js';
import type { PolicyInput } from './policy-input.js';

/** The rule that is asked, in a bundle and on a server. */
export const ENTRYPOINT = 'soma/allow';

interface Result {
  readonly result?: unknown;
}

/** A policy compiled to WebAssembly, in this process: microseconds a decision, and no network. */
export class WasmPolicy extends PolicyDecision {
  readonly isConfigured = true;

  private constructor(private readonly policy: LoadedPolicy) {
    super();
  }

  /** @throws when the bytes are no compiled policy with the entry point `soma/allow`. */
  static async load(bundle: Buffer): Promise<WasmPolicy> {
    const { wasm, data } = readBundle(bundle);
    const policy = await loadPolicy(Uint8Array.from(wasm));
    const entrypoints = Object.keys(policy.entrypoints as Record<string, number>);
    if (!entrypoints.includes(ENTRYPOINT)) {
      throw new Error(
        `The policy has no entry point ${ENTRYPOINT}, but ${entrypoints.join(', ')}: ` +
          `build it with \`-e ${ENTRYPOINT}\`.`,
      );
    }
    policy.setData(data);
    return new WasmPolicy(policy);
  }

  // oxlint-disable-next-line typescript/require-await -- What it throws becomes a rejection.
  async isAllowed(input: PolicyInput): Promise<boolean> {
    const results = this.evaluate(input);
    return results.length === 1 && results[0]?.result === true;
  }

  private evaluate(input: PolicyInput): readonly Result[] {
    try {
      return this.policy.evaluate(input, ENTRYPOINT) as readonly Result[];
    } catch (error) {
      throw policyUnavailable('the policy failed', error);
    }
  }
}
