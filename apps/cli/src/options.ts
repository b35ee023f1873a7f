import { InvalidArgumentError, Option, type Command } from 'commander';
import { usageError } from './cli-error.js';

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export const MEMORY_TYPES = ['episodic', 'semantic', 'summary', 'procedural'] as const;

/** Ways the service can make up a score; docs/retrieval.md says how they differ. */
export const RECIPES = ['context', 'hybrid', 'rrf', 'dense', 'lexical'] as const;

export const namespaceOption = (): Option =>
  new Option('-n, --namespace <name>', 'namespace of the tenant (the API uses "default")');

export const typeOption = (): Option =>
  new Option('-t, --type <type>', 'memory type').choices(MEMORY_TYPES);

export const recipeOption = (): Option =>
  new Option('--recipe <name>', 'how the score is made up; see docs/retrieval.md').choices(RECIPES);

export const linkTypeOption = (description: string): Option =>
  new Option('--type, --link-type <type>', description);

export const filterOption = (): Option =>
  new Option('--filter <json>', 'filter as JSON text, @file or - (stdin); see docs/filters.md');

export const limitOption = (): Option =>
  new Option('--limit <n>', 'at most so many (a page, with --all)').argParser(wholeNumber);

export const knownAtOption = (): Option =>
  new Option('--known-at <time>', 'as it was known then, like 2026-01-31T12:00:00Z');

export const validAtOption = (): Option =>
  new Option('--valid-at <time>', 'what was true in the world then, like 2026-01-31T12:00:00Z');

export const idempotencyKeyOption = (): Option =>
  new Option('--idempotency-key <key>', 'makes a repeated call answer like the first one');

export const ifMatchOption = (): Option =>
  new Option('--if-match <version>', 'only if the memory still has this version (or ETag)');

export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

export function decimal(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

export function seconds(text: string): number {
  const value = decimal(text);
  if (value <= 0 || value > 86_400) {
    throw new InvalidArgumentError('It must be more than 0 and at most 86400 seconds.');
  }
  return value;
}

/** `--tags a,b --tags c` gives a, b and c; an empty text gives none. */
export function list(text: string, before: readonly string[] = []): readonly string[] {
  const items = text.split(',').map((item) => item.trim());
  return [...before, ...items.filter((item) => item !== '')];
}

/** A version as the ETag of that version; an ETag stays as it is. */
export function etagOf(version: string | undefined): string | undefined {
  return version !== undefined && /^\d+$/.test(version) ? `"${version}"` : version;
}

/** A memory named by coordinate or by id. */
export interface MemoryRef {
  readonly coord?: string;
  readonly id?: string;
}

export interface RefOptions extends MemoryRef {
  readonly namespace?: string;
}

/** `[ref] --coord --id`: three ways to name one memory. */
export function withRef(command: Command): Command {
  return command
    .argument('[coordinate-or-id]', 'the memory')
    .option('-c, --coord <numbers>', 'the memory by coordinate, like 1.0,2.0,3.0')
    .option('--id <uuid>', 'the memory by id')
    .addOption(namespaceOption());
}

/** @throws CliError unless exactly one memory is named. */
export function refOf(options: MemoryRef, args: readonly string[]): MemoryRef {
  const given = [...args.map(refFrom), ...optionRefs(options)];
  const [ref] = given;
  if (ref && given.length === 1) return ref;
  throw usageError(
    ref ? 'Name the memory once.' : 'Which memory? No coordinate or id is given.',
    'Write a coordinate (1.0,2.0,3.0) or an id; one that begins with a minus as --coord -1.0,2.0.',
  );
}

function optionRefs({ coord, id }: MemoryRef): MemoryRef[] {
  return [...(coord === undefined ? [] : [{ coord }]), ...(id === undefined ? [] : [{ id }])];
}

/** An UUID is an id, all else a coordinate. */
export const refFrom = (text: string): MemoryRef =>
  UUID.test(text.trim()) ? { id: text.trim() } : { coord: text };

export const pathOfRef = ({ coord, id }: MemoryRef): string =>
  `/memories/${encodeURIComponent(id ?? coord ?? '')}`;

/** `{from_coord: …}` or `{from_id: …}`. */
export function endpoint(name: 'from' | 'to', text: string): Record<string, string> {
  const { id, coord = '' } = refFrom(text);
  return id === undefined ? { [`${name}_coord`]: coord } : { [`${name}_id`]: id };
}
