import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PolicyInput } from './policy-input.js';
import { readBundle } from './bundle-files.js';
import { WasmPolicy } from './wasm-policy.js';

const FOLDER = join(process.cwd(), 'policies');
const bundle = readFileSync(join(FOLDER, 'soma.tar.gz'));
const TENANT = '0198c1f0-0000-7000-8000-000000000001';

const inputOf = (resource: Partial<PolicyInput['resource']> = {}): PolicyInput => ({
  principal: { kind: 'tenant', token_id: 'a', tenant_id: TENANT, scopes: ['memories:read'] },
  action: { method: 'GET', route: '/memories', scope: 'memories:read' },
  resource: { tenant_id: TENANT, namespaces: ['default'], by_id: false, ...resource },
});

describe(WasmPolicy, () => {
  it('P43 was compiled from the sources beside it', () => {
    // When this fails: tools/opa/policies.sh build
    const sources = ['soma.rego', 'data.json'].map((name) => readFileSync(join(FOLDER, name)));
    const digest = createHash('sha256').update(Buffer.concat(sources)).digest('hex');
    expect(readFileSync(join(FOLDER, 'soma.sources.sha256'), 'utf8').trim()).toBe(digest);
  });

  it('P43 decides by the policy, again and again, each input by itself', async () => {
    const sut = await WasmPolicy.load(bundle);
    for (let turn = 0; turn < 200; turn += 1) {
      expect(await sut.isAllowed(inputOf())).toBe(true);
      expect(await sut.isAllowed(inputOf({ tenant_id: `${TENANT}x` }))).toBe(false);
    }
  });

  it('P43 refuses at the start what is no policy', async () => {
    await expect(WasmPolicy.load(Buffer.from('allow := true'))).rejects.toThrow(/WebAssembly/);
    await expect(WasmPolicy.load(bundle.subarray(0, 500))).rejects.toThrow(
      'unexpected end of file',
    );
    expect(readBundle(Buffer.alloc(0)).data).toEqual({});
  });
});
