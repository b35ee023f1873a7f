import type { Contribution, FoundBy, ScoredMemory } from '../memory.js';
import { COORDINATE, decimals, TYPE } from './memory-view.js';
import type { Column } from './table.js';

/** Contributions shown of each result; what the others add together is one row more. */
const SHOWN = 5;

type Placed = readonly [index: number, memory: ScoredMemory];

const PLACE = '#';

export const EXPLAINED_COLUMNS: readonly Column<Placed>[] = [
  { title: PLACE, value: ([index]) => index + 1, align: 'right' },
  { title: 'SCORE', value: ([, { score }]) => decimals(score, 4), align: 'right' },
  { title: COORDINATE.title, value: ([, memory]) => COORDINATE.value(memory) },
  { title: TYPE.title, value: ([, memory]) => TYPE.value(memory) },
  { title: 'FOUND BY', value: ([, { explanation }]) => foundByText(explanation?.found_by ?? []) },
  { title: 'CONTENT', value: ([, { content }]) => content },
];

interface Reason {
  readonly place: number;
  readonly feature: string;
  readonly contribution: number;
  readonly measured?: Contribution;
}

export const REASON_COLUMNS: readonly Column<Reason>[] = [
  { title: PLACE, value: ({ place }) => place, align: 'right' },
  { title: 'FEATURE', value: ({ feature }) => feature },
  { title: 'RAW', value: ({ measured }) => significant(measured?.raw), align: 'right' },
  { title: 'VALUE', value: ({ measured }) => significant(measured?.value), align: 'right' },
  { title: 'WEIGHT', value: ({ measured }) => significant(measured?.weight), align: 'right' },
  { title: 'CONTRIBUTION', value: ({ contribution }) => signed(contribution), align: 'right' },
];

/** For each result the contributions that move its score most, then the rest, then the sum. */
export function reasonsOf(memories: readonly ScoredMemory[]): Reason[] {
  return memories.flatMap(({ explanation }, index) => {
    if (!explanation) return [];
    const place = index + 1;
    const ordered = explanation.contributions
      .filter(({ contribution }) => contribution !== 0)
      .toSorted((left, right) => Math.abs(right.contribution) - Math.abs(left.contribution));
    const rest = ordered.slice(SHOWN);
    const others = rest.reduce((sum, { contribution }) => sum + contribution, 0);
    return [
      ...ordered.slice(0, SHOWN).map((measured) => ({ place, ...partsOf(measured) })),
      ...(rest.length > 0
        ? [{ place, feature: `(${rest.length} others)`, contribution: others }]
        : []),
      { place, feature: '(sum)', contribution: explanation.sum },
    ];
  });
}

const partsOf = (measured: Contribution): Omit<Reason, 'place'> => ({
  feature: measured.feature,
  contribution: measured.contribution,
  measured,
});

function foundByText(arms: readonly FoundBy[]): string {
  return arms
    .map(({ arm, rank, score }) =>
      [
        arm,
        rank === undefined ? '' : `#${rank}`,
        score === undefined ? '' : `(${significant(score)})`,
      ]
        .filter((part) => part !== '')
        .join(' '),
    )
    .join(', ');
}

/** Four digits are enough to compare by; `--json` has them all. */
const significant = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : String(Number(value.toPrecision(4)));

const signed = (value: number): string => `${value < 0 ? '' : '+'}${decimals(value, 4)}`;
