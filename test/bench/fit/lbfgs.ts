/** A function's value at a point and its slope there. */
export interface Evaluated {
  readonly value: number;
  readonly gradient: Float64Array;
}

export type Objective = (point: Float64Array) => Evaluated;

export interface Stop {
  iterations?: number;
  /** Ends when a step lowers the value by less than this share of it. */
  tolerance?: number;
}

/** Steps remembered to guess the curvature from. */
const MEMORY = 8;
const SUFFICIENT_DECREASE = 1e-4;
const HALVINGS = 40;

interface Step {
  readonly moved: Float64Array;
  readonly turned: Float64Array;
  readonly product: number;
}

/**
 * A local minimum of a smooth function by L-BFGS (Nocedal and Wright, Numerical Optimization,
 * algorithm 7.5) with backtracking to Armijo's condition. Never returns a point of a greater value
 * than the start's. Coordinates in which the gradient is always 0 keep their value.
 */
export function minimise(
  objective: Objective,
  start: Float64Array,
  { iterations = 200, tolerance = 1e-9 }: Stop = {},
): Float64Array {
  let point: Float64Array = Float64Array.from(start);
  let here = objective(point);
  let steps: Step[] = [];
  for (let iteration = 0; iteration < iterations; iteration++) {
    const direction = descent(here.gradient, steps);
    const found = backtrack(objective, { point, here, direction, first: steps.length === 0 });
    if (found === undefined) {
      if (steps.length === 0) break;
      steps = [];
      continue;
    }
    const { next, there } = found;
    const moved = difference(next, point);
    const turned = difference(there.gradient, here.gradient);
    const product = dot(moved, turned);
    if (product > 1e-14) steps = [...steps, { moved, turned, product }].slice(-MEMORY);
    const gained = here.value - there.value;
    point = next;
    here = there;
    if (gained <= tolerance * Math.max(1, Math.abs(here.value))) break;
  }
  return point;
}

/** Minus the gradient, bent by the curvature that the last steps met (the two loops). */
function descent(gradient: Float64Array, steps: readonly Step[]): Float64Array {
  const direction = gradient.map((slope) => -slope);
  const shares = new Float64Array(steps.length);
  for (let i = steps.length - 1; i >= 0; i--) {
    const { moved, turned, product } = steps[i]!;
    shares[i] = dot(moved, direction) / product;
    add(direction, turned, -shares[i]!);
  }
  const last = steps.at(-1);
  if (last !== undefined) scale(direction, last.product / dot(last.turned, last.turned));
  for (const [i, { moved, turned, product }] of steps.entries()) {
    add(direction, moved, shares[i]! - dot(turned, direction) / product);
  }
  return direction;
}

interface Search {
  readonly point: Float64Array;
  readonly here: Evaluated;
  readonly direction: Float64Array;
  /** Nothing is known of the curvature yet. */
  readonly first: boolean;
}

function backtrack(
  objective: Objective,
  { point, here, direction, first }: Search,
): { next: Float64Array; there: Evaluated } | undefined {
  const slope = dot(here.gradient, direction);
  if (!(slope < 0)) return undefined;
  let length = first ? Math.min(1, 1 / Math.sqrt(dot(direction, direction))) : 1;
  for (let halving = 0; halving < HALVINGS; halving++, length /= 2) {
    const next = Float64Array.from(point);
    add(next, direction, length);
    const there = objective(next);
    if (there.value <= here.value + SUFFICIENT_DECREASE * length * slope) return { next, there };
  }
  return undefined;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - b[i]!);
}

function add(to: Float64Array, what: Float64Array, times: number): void {
  for (let i = 0; i < to.length; i++) to[i] = to[i]! + times * what[i]!;
}

function scale(what: Float64Array, times: number): void {
  for (let i = 0; i < what.length; i++) what[i] = what[i]! * times;
}
