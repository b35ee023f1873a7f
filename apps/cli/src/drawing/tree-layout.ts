/** A node of `GET /hierarchy/tree`, as far as it is drawn. */
export interface DrawnNode {
  readonly memory: { readonly id: string; readonly tier: number; readonly content: string };
  readonly from: string;
  readonly to: string;
  readonly episodes: number;
  readonly parent_id: string | null;
}

export interface Placed {
  readonly node: DrawnNode;
  /** What of it is below is drawn too. */
  readonly isLeaf: boolean;
  /** Of its box, in pixels from the left edge of the first. */
  readonly left: number;
  readonly right: number;
  readonly parent: string | null;
}

export interface TreeLayout {
  readonly placed: readonly Placed[];
  /** Where a new time is written below: where something follows a pause. */
  readonly ticks: readonly { readonly x: number; readonly time: string }[];
  readonly width: number;
}

const STEP = 24;
const BOX = 18;
/** Room that a pause takes, however long. */
const PAUSE = 30;
const PAUSE_MS = 2 * 3_600_000;

/**
 * Places nodes from left to right in time. What has nothing below it takes one step each, and a pause
 * of over two hours some room, as a true scale of months would hide the minutes; what stands on others
 * is as wide as they are.
 */
export function layoutOf(nodes: readonly DrawnNode[]): TreeLayout {
  const below = new Map<string, DrawnNode[]>();
  const shown = new Set(nodes.map(({ memory }) => memory.id));
  for (const node of nodes) {
    if (node.parent_id === null || !shown.has(node.parent_id)) continue;
    below.set(node.parent_id, [...(below.get(node.parent_id) ?? []), node]);
  }
  const leaves = nodes.filter(({ memory }) => !below.has(memory.id)).toSorted(inTime);
  const spans = new Map<string, { left: number; right: number }>();
  const ticks: TreeLayout['ticks'][number][] = [];
  let x = 0;
  for (const [at, leaf] of leaves.entries()) {
    const previous = leaves[at - 1];
    const isAfterPause = !previous || Date.parse(leaf.from) - Date.parse(previous.to) > PAUSE_MS;
    if (previous && isAfterPause) x += PAUSE;
    if (isAfterPause) ticks.push({ x, time: leaf.from });
    spans.set(leaf.memory.id, { left: x, right: x + BOX });
    x += STEP;
  }
  const spanOf = ({ memory }: DrawnNode): { left: number; right: number } => {
    const known = spans.get(memory.id);
    if (known) return known;
    const parts = (below.get(memory.id) ?? []).map(spanOf);
    const span = {
      left: Math.min(...parts.map(({ left }) => left)),
      right: Math.max(...parts.map(({ right }) => right)),
    };
    spans.set(memory.id, span);
    return span;
  };
  return {
    placed: nodes.map((node) => ({
      node,
      isLeaf: !below.has(node.memory.id),
      ...spanOf(node),
      parent: node.parent_id !== null && shown.has(node.parent_id) ? node.parent_id : null,
    })),
    ticks,
    width: Math.max(0, x - STEP + BOX),
  };
}

const inTime = (a: DrawnNode, b: DrawnNode): number =>
  Date.parse(a.from) - Date.parse(b.from) || (a.memory.id < b.memory.id ? -1 : 1);
