import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { words } from '../testing/run-soma.fixture.js';
import { commandReference, withReference } from './command-reference.js';
import { EXIT_MEANINGS } from './exit-codes.js';
import { createProgram } from './program.js';

const silent = { write: () => undefined };
const program = createProgram(
  {
    stdout: silent,
    stderr: silent,
    stdin: (async function* () {})(),
    env: {},
    fetch: globalThis.fetch,
    cwd: '/',
  },
  '0',
);

describe(commandReference.name, () => {
  it('P17 docs/cli.md has every command, flag and exit code as the program has them', () => {
    // When this fails: npm run build && node dist/apps/cli/src/write-reference.js
    const document = readFileSync(join(process.cwd(), 'docs', 'cli.md'), 'utf8');
    expect(document).toBe(withReference(document, commandReference(program)));
  });

  it('P17 names every command and every flag that was promised', () => {
    const reference = commandReference(program);
    const commands =
      'store recall get delete link unlink neighbors path list stats health ' +
      'tenants/create tenants/list tokens/create tokens/list tokens/revoke ' +
      'admin/consistency admin/reconcile admin/reindex ' +
      'admin/encryption/status admin/encryption/set admin/encryption/apply admin/encryption/rotate ' +
      'admin/encryption/rewrap';
    for (const command of words(commands)) {
      expect(reference).toContain(`### soma ${command.replaceAll('/', ' ')}\n`);
    }
    for (const flag of ['namespace', 'coord', 'payload', 'type', 'query', 'top-k', 'from', 'to']) {
      expect(reference).toMatch(new RegExp(`--${flag}[ ,]`));
    }
    for (const [code, meaning] of EXIT_MEANINGS) {
      expect(reference).toMatch(new RegExp(`\\| ${code} +\\| ${meaning} *\\|`));
    }
  });

  it('does not touch what stands around the reference', () => {
    const document = 'before\n<!-- reference: begin -->\nold\n<!-- reference: end -->\nafter\n';
    expect(withReference(document, 'new')).toBe(
      'before\n<!-- reference: begin -->\n\nnew\n\n<!-- reference: end -->\nafter\n',
    );
    expect(() => withReference('no marks', 'new')).toThrow('lacks the lines');
  });
});
