import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { OpaServerPolicy, type PolicyInput, readBundle, WasmPolicy } from '@soma/policy';
import { gzipSync } from 'node:zlib';

const INPUTS = 10_000;
const AT_ONCE = 50;
const POLICIES = join(process.cwd(), 'policies');
const TENANTS = ['t-one', 't-two', 't-frozen'];
const TOKENS = ['plain', 'bound', 'robot', 'bound-robot'];
const NAMESPACES = ['default', 'notes', 'secret', 'e\u0301', ''];
const DATA = {
  frozen_tenants: ['t-frozen'],
  namespaces_of_token: { bound: ['default', 'notes'], 'bound-robot': ['secret'] },
  robots: ['robot', 'bound-robot'],
};
const ROUTES = [
  ['GET', '/memories', 'memories:read'],
  ['POST', '/memories', 'memories:write'],
  ['POST', '/memories/delete', 'memories:write'],
  ['DELETE', '/memories/{address}', 'memories:write'],
  ['DELETE', '/graph/link', 'graph:write'],
  ['POST', '/admin/tenants/{tenant}/tokens', 'admin'],
  ['GET', '/admin/tenants', 'operator'],
] as const;

/** Numbers that look random and are the same in every run (mulberry32). */
function seeded(seed: number): <Item>(items: readonly Item[]) => Item {
  let state = seed;
  return (items) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    const item = items[((mixed ^ (mixed >>> 14)) >>> 0) % items.length];
    if (item === undefined) throw new Error('There is nothing to pick from.');
    return item;
  };
}

function anInput(pick: ReturnType<typeof seeded>): PolicyInput {
  const [method, route, scope] = pick(ROUTES);
  const tenant = pick(TENANTS);
  const isOperator = pick([true, false, false, false, false, false]);
  return {
    principal: isOperator
      ? { kind: 'operator', token_id: 'operator', tenant_id: null, scopes: [] }
      : { kind: 'tenant', token_id: pick(TOKENS), tenant_id: tenant, scopes: [scope] },
    action: { method, route, scope },
    resource: {
      tenant_id: pick([tenant, tenant, tenant, pick(TENANTS), null]),
      namespaces: [...new Set(pick([[], [1], [1, 2]]).map(() => pick(NAMESPACES)))].sort(),
      by_id: pick([true, false, false]),
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** The compiled policy with other data: a tar of the two files, as OPA writes it. */
function withData(bundle: Buffer, data: object): Buffer {
  const files = { 'policy.wasm': readBundle(bundle).wasm, 'data.json': JSON.stringify(data) };
  const parts = Object.entries(files).flatMap(([name, content]) => {
    const bytes = Buffer.from(content);
    const head = Buffer.alloc(512);
    head.write(`/${name}`, 0);
    head.write(bytes.length.toString(8).padStart(11, '0'), 124);
    return [head, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(1_024)]));
}

describe('a policy in the process and on an OPA server', () => {
  let opa: ChildProcess;
  let server: OpaServerPolicy;
  let wasm: WasmPolicy;

  beforeAll(async () => {
    const program = execFileSync('tools/opa/build.sh', { encoding: 'utf8' }).trim();
    const address = `127.0.0.1:${await freePort()}`;
    const policy = join(POLICIES, 'soma.rego');
    opa = spawn(program, ['run', '--server', '--addr', address, policy], { stdio: 'ignore' });
    const url = `http://${address}/v1/data/soma/allow`;
    const deadline = Date.now() + 30_000;
    for (;;) {
      const set = (name: string, value: unknown) =>
        fetch(`http://${address}/v1/data/${name}`, {
          method: 'PUT',
          body: JSON.stringify(value),
        });
      try {
        for (const [name, value] of Object.entries(DATA)) {
          const answer = await set(name, value);
          if (!answer.ok) throw new Error(`OPA answered ${answer.status}.`);
        }
        break;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    server = new OpaServerPolicy({ url, token: undefined, timeoutMs: 10_000 });
    wasm = await WasmPolicy.load(withData(readFileSync(join(POLICIES, 'soma.tar.gz')), DATA));
  });
  afterAll(async () => {
    opa.kill();
    await once(opa, 'exit');
  });

  it(`P43 decide alike for ${INPUTS} inputs`, async () => {
    const pick = seeded(43);
    const inputs = Array.from({ length: INPUTS }, () => anInput(pick));
    const differing: PolicyInput[] = [];
    let allowed = 0;
    for (let from = 0; from < INPUTS; from += AT_ONCE) {
      const some = inputs.slice(from, from + AT_ONCE);
      const answers = await Promise.all(
        some.map((input) => Promise.all([wasm.isAllowed(input), server.isAllowed(input)])),
      );
      answers.forEach(([here, there], at) => {
        if (here) allowed += 1;
        const input = some[at];
        if (here !== there && input) differing.push(input);
      });
    }
    expect(differing).toEqual([]);
    expect(allowed).toBeGreaterThan(INPUTS / 10);
    expect(allowed).toBeLessThan((INPUTS * 9) / 10);
  });

  it('P43 takes microseconds in the process', async () => {
    const pick = seeded(44);
    const inputs = Array.from({ length: INPUTS }, () => anInput(pick));
    const start = performance.now();
    for (const input of inputs) await wasm.isAllowed(input);
    expect((performance.now() - start) / INPUTS).toBeLessThan(1);
  });
});
