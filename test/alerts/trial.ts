import type { Service } from '../faults/harness/service.ts';
import type { RingingAlert } from './rule-engine.ts';
import { type Expected, rings, SILENCE, type Watch } from './watch.ts';

/** A fault that can be made and mended, and the alerts whose expressions are to be true meanwhile. */
export interface AlertFault {
  readonly name: string;
  readonly expected: readonly Expected[];
  begin(): Promise<void> | void;
  /** Returns once the fault is over; the service may have to notice it yet. */
  end(): Promise<void> | void;
}

/** One alert under one fault. */
export interface AlertReport {
  readonly fault: string;
  readonly alert: string;
  /** Seconds from the beginning of the fault until the expression was true; undefined: never, or before it too. */
  readonly trueAfterS: number | undefined;
  /** Seconds from the end of the fault until it was false; undefined: it still was true. */
  readonly falseAfterS: number | undefined;
}

const RINGS_WITHIN_MS = 120_000;
const SILENT_WITHIN_MS = 180_000;

/** Makes the fault until its alerts ring, mends it, and waits until they are silent. */
export async function tryFault(
  fault: AlertFault,
  watch: Watch,
  service: Service,
): Promise<AlertReport[]> {
  // Or it would say nothing that they ring.
  if (!(await watch.untilSilent(fault.expected, SILENT_WITHIN_MS))) {
    return reports(fault, () => ({ trueAfterS: undefined, falseAfterS: undefined }));
  }
  const began = performance.now();
  try {
    await fault.begin();
    await watch.untilRinging(fault.expected, began, RINGS_WITHIN_MS);
  } finally {
    await fault.end();
  }
  const ended = performance.now();
  await service.untilWell();
  // A rule that looks at one minute in fifteen depends on where its minutes begin: only `began` decides.
  const end = performance.now() + SILENT_WITHIN_MS;
  for (;;) {
    await watch.untilSilent(fault.expected, SILENT_WITHIN_MS);
    const found = judged(fault, await watch.ringing(began), { began, ended });
    const isOver = found.every(({ falseAfterS }) => falseAfterS !== undefined);
    if (isOver || performance.now() > end) return found;
  }
}

/** When each alert was first true after `began`, and when it was false for ten scrapes after `ended`. */
function judged(
  fault: AlertFault,
  scrapes: readonly [at: number, alerts: RingingAlert[]][],
  { began, ended }: { began: number; ended: number },
): AlertReport[] {
  return reports(fault, (one) => {
    const first = scrapes.find(([, alerts]) => rings(one, alerts))?.[0];
    const after = scrapes.filter(([at]) => at > ended);
    const isSilent = (from: number): boolean =>
      from + SILENCE <= after.length &&
      !after.slice(from, from + SILENCE).some(([, alerts]) => rings(one, alerts));
    const silent = after.find((_, from) => isSilent(from))?.[0];
    return {
      trueAfterS: first === undefined ? undefined : (first - began) / 1000,
      falseAfterS: silent === undefined ? undefined : (silent - ended) / 1000,
    };
  });
}

const reports = (
  { name, expected }: AlertFault,
  times: (one: Expected) => Pick<AlertReport, 'trueAfterS' | 'falseAfterS'>,
): AlertReport[] =>
  expected.map((one) => ({ fault: name, alert: Object.values(one).join(' '), ...times(one) }));
