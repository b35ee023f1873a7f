/** Who made a version of a memory, and out of what. */
export interface VersionOrigin {
  readonly version: number;
  /** Id of a token; null from before that was recorded. */
  readonly writtenBy: string | null;
  readonly createdAt: Date;
  /** Whether it changed some fields of the version before, and kept the others. */
  readonly partial: boolean;
  /** The version that it repeats; that one repeats none. */
  readonly restoredFrom: number | null;
}

/** Everything that one token wrote from a moment on. */
export interface WriterSince {
  readonly token: string;
  readonly since: Date;
}

export type TakeBack =
  /** No version is without the writer: the memory goes. */
  | { readonly kind: 'delete' }
  /** The last version without the writer is repeated. */
  | { readonly kind: 'restore'; readonly version: number }
  /** Others wrote it since; `mixed`: on top of what the writer had said, some of which is still there. */
  | { readonly kind: 'keep'; readonly mixed: boolean }
  /** It was taken back already. */
  | { readonly kind: 'none' };

/**
 * What takes the writer's versions out of a memory.
 * @param history all of its versions, ascending; the last is the current one.
 */
export function takeBack(history: readonly VersionOrigin[], of: WriterSince): TakeBack {
  const byVersion = new Map(history.map((version) => [version.version, version]));
  const rootOf = (version: VersionOrigin): VersionOrigin =>
    (version.restoredFrom === null ? undefined : byVersion.get(version.restoredFrom)) ?? version;
  const isOwn = (version: VersionOrigin): boolean => {
    const { writtenBy, createdAt } = rootOf(version);
    return writtenBy === of.token && createdAt >= of.since;
  };
  const clean = new Set<number>();
  for (const version of history) {
    const root = rootOf(version);
    if (root !== version ? clean.has(root.version) : isClean(version)) clean.add(version.version);
  }
  function isClean(version: VersionOrigin): boolean {
    return !isOwn(version) && (!version.partial || clean.has(version.version - 1));
  }

  const current = history.at(-1);
  if (!current) return { kind: 'none' };
  if (!isOwn(current)) {
    const isClear = clean.has(current.version);
    return isClear && current.restoredFrom !== null
      ? { kind: 'none' }
      : { kind: 'keep', mixed: !isClear };
  }
  // What was taken back from another writer already is not gone back to.
  const wasTakenBack = (version: number): boolean =>
    history.some((later) => {
      const { restoredFrom } = later;
      return restoredFrom !== null && restoredFrom < version && version < later.version;
    });
  const last = history.findLast(({ version }) => clean.has(version) && !wasTakenBack(version));
  return last ? { kind: 'restore', version: rootOf(last).version } : { kind: 'delete' };
}
