import { type DrawnNode, layoutOf, type Placed } from './tree-layout.js';
import { svgText, wrapped } from './svg-text.js';

const MARGIN = { left: 64, right: 24, top: 20, bottom: 40 };
const BOX = { height: 58, leaf: 18, gap: 44 };
const LETTER = 5.7;
const LINE = 13;
const LINES = 4;
const TOOLTIP = 400;
const NARROWEST = 240;
/** By tier from the lowest; those above have the last. */
const FILLS = ['#dbe7f3', '#d6ecd9', '#f5e6c4', '#f3d5d0', '#e4d7ef'];
const SHORT = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

/**
 * A tree as an SVG: a row for each tier, the highest on top, time from left to right; the digests shortened, with
 * more of them in tooltips. It has no scripts, links or outside references, whatever memories say; the
 * same tree gives the same drawing.
 */
export function drawTree(nodes: readonly DrawnNode[]): string {
  const { placed, ticks, width } = layoutOf(nodes);
  const tiers = [...new Set(nodes.map(({ memory }) => memory.tier))].sort((a, b) => b - a);
  const rows = new Map<number, number>();
  let y = MARGIN.top;
  for (const tier of tiers) {
    rows.set(tier, y);
    y += heightOf(placed, tier) + BOX.gap;
  }
  const bottom = y - BOX.gap;
  const size = {
    width: MARGIN.left + Math.max(width, NARROWEST) + MARGIN.right,
    height: bottom + MARGIN.bottom,
  };
  const boxes = placed.map((one) => boxOf(one, rows, placed));
  const byId = new Map(boxes.map((box) => [box.one.node.memory.id, box]));
  const edges = boxes.flatMap((box) => {
    const above = byId.get(box.one.parent ?? '');
    if (!above) return [];
    const [x, top, end] = [middle(box), above.y + above.height, box.y];
    const half = (top + end) / 2;
    return `<path d="M${x} ${end}C${x} ${half} ${middle(above)} ${half} ${middle(above)} ${top}"/>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}" font-family="ui-sans-serif, system-ui, sans-serif" font-size="10.5" fill="#222">`,
    `<title>${svgText(`Hierarchy of ${nodes.length} memories`)}</title>`,
    `<rect width="${size.width}" height="${size.height}" fill="#fff"/>`,
    `<g fill="none" stroke="#9aa5b1">`,
    ...edges,
    '</g>',
    ...tiers.map(
      (tier) => `<text x="10" y="${(rows.get(tier) ?? 0) + 12}" fill="#667">tier ${tier}</text>`,
    ),
    ...boxes.flatMap(written),
    ...ticks.flatMap(({ x, time }, at) => tick(MARGIN.left + x, bottom, { time, at })),
    '</svg>',
    '',
  ].join('\n');
}

interface Box {
  readonly one: Placed;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const middle = ({ x, width }: Box): number => x + width / 2;

/** Episodes are small squares; a row that has digests is high enough for some lines. */
const heightOf = (placed: readonly Placed[], tier: number): number =>
  placed.some(({ node, isLeaf }) => node.memory.tier === tier && isDigest(node, isLeaf))
    ? BOX.height
    : BOX.leaf;

const isDigest = ({ memory, episodes }: DrawnNode, isLeaf: boolean): boolean =>
  memory.tier > 0 && (!isLeaf || episodes > 1);

function boxOf(one: Placed, rows: ReadonlyMap<number, number>, placed: readonly Placed[]): Box {
  const { tier } = one.node.memory;
  return {
    one,
    x: MARGIN.left + one.left,
    y: rows.get(tier) ?? 0,
    width: one.right - one.left,
    height: heightOf(placed, tier),
  };
}

function written({ one, x, y, width, height }: Box): string[] {
  const { memory, episodes, from, to } = one.node;
  const fill = FILLS[Math.min(memory.tier, FILLS.length - 1)] ?? '#eee';
  const said = [...memory.content].slice(0, TOOLTIP).join('');
  const told = `${from} to ${to}, ${episodes} episodes: ${said}`;
  const lines = isDigest(one.node, one.isLeaf)
    ? wrapped(memory.content, Math.floor((width - 8) / LETTER), LINES)
    : [];
  return [
    `<g><title>${svgText(told)}</title><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="3" fill="${fill}" stroke="#7b8794"/>`,
    ...lines.map(
      (line, at) => `<text x="${x + 4}" y="${y + LINE + at * LINE}">${svgText(line)}</text>`,
    ),
    '</g>',
  ];
}

/** Every other stands lower, so that short runs keep their times apart. */
function tick(x: number, bottom: number, { time, at }: { time: string; at: number }): string[] {
  const drop = at % 2 === 0 ? 0 : 14;
  return [
    `<path d="M${x} ${bottom + 3}v${6 + drop}" stroke="#9aa5b1"/>`,
    `<text x="${x}" y="${bottom + 20 + drop}" fill="#667">${svgText(SHORT.format(new Date(time)))}</text>`,
  ];
}
