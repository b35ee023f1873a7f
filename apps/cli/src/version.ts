import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = 'soma-fractal-memory';

/** The version of the package this file is part of, built or not. */
export function readVersion(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let parent = dirname(folder); parent !== folder; parent = dirname(folder)) {
    folder = parent;
    const manifest = manifestIn(folder);
    if (manifest?.name === PACKAGE) return manifest.version;
  }
  return 'unknown';
}

function manifestIn(folder: string): { name?: string; version: string } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      name?: string;
      version: string;
    };
  } catch {
    return undefined;
  }
}
