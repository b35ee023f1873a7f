import { readFile } from 'node:fs/promises';
import type { AppConfig } from '@soma/config';
import { NoPolicy, OpaServerPolicy, type PolicyDecision, WasmPolicy } from '@soma/policy';

/** @throws when the bundle cannot be read: a service without its policy does not start. */
export async function openPolicy({ policy }: AppConfig): Promise<PolicyDecision> {
  if (!policy) return new NoPolicy();
  if (policy.kind === 'server') return new OpaServerPolicy(policy);
  try {
    return await WasmPolicy.load(await readFile(policy.path));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`SOMA_OPA_BUNDLE: ${policy.path} is no policy: ${reason}`, { cause: error });
  }
}
