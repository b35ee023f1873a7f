import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { EXTENSION_API, type Extension, type HookName } from './extension.js';

const hook = z.custom((value) => typeof value === 'function', 'must be a function').optional();

const HOOK_NAMES = [
  'beforeStore',
  'afterStore',
  'beforeRecall',
  'afterRecall',
  'beforeDelete',
  'afterDelete',
  'beforeConsolidate',
  'afterConsolidate',
] as const satisfies readonly HookName[];

const extensionSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be small letters, digits and "-"'),
  api: z.literal(EXTENSION_API, `must be ${EXTENSION_API}, the only version there is`),
  hooks: z
    .strictObject(Object.fromEntries(HOOK_NAMES.map((name) => [name, hook])))
    .refine((hooks) => Object.values(hooks).some(Boolean), 'has none'),
});

/**
 * The default exports of modules, in order; paths are of the working folder.
 * @throws Error naming the module that cannot be loaded or is no extension: a service does not start
 * without one that it was told to have.
 */
export async function loadExtensions(paths: readonly string[]): Promise<Extension[]> {
  const loaded: Extension[] = [];
  for (const path of paths) {
    const given = await moduleAt(path);
    assertExtension(`SOMA_EXTENSIONS: ${path}`, given['default']);
    loaded.push(given['default']);
  }
  return loaded;
}

/** @throws Error for one that is no extension, or two of one name. */
export function assertExtensions(extensions: readonly unknown[]): void {
  const names = new Set<string>();
  for (const [at, extension] of extensions.entries()) {
    assertExtension(`Extension ${at + 1}`, extension);
    if (names.has(extension.name)) {
      throw new Error(`Two extensions are called "${extension.name}"; their names must differ.`);
    }
    names.add(extension.name);
  }
}

async function moduleAt(path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`SOMA_EXTENSIONS: ${path} cannot be loaded: ${reason}`, { cause: error });
  }
}

function assertExtension(of: string, given: unknown): asserts given is Extension {
  const judged = extensionSchema.safeParse(given);
  if (judged.success) return;
  const faults = judged.error.issues.map(({ code, path, message }) => {
    const hint = code === 'unrecognized_keys' ? `; hooks are ${HOOK_NAMES.join(', ')}` : '';
    return `${path.length > 0 ? path.join('.') : 'the default export'}: ${message}${hint}`;
  });
  throw new Error(`${of} is no extension: ${faults.join('; ')}`);
}
