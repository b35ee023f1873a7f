import type { WorkItem, WorkQuery, Workload } from './workload.ts';

/** The operations that are timed, in the order they are printed. */
export const OPERATIONS = ['store', 'get', 'search', 'neighbours', 'path'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** What one call of an operation is about; both sides are given calls of the same kind. */
export type Call =
  | { operation: 'store'; item: WorkItem }
  | { operation: 'get'; position: number }
  | { operation: 'search'; query: WorkQuery }
  | { operation: 'neighbours'; position: number }
  | { operation: 'path'; from: number; to: number };

export const SEARCH_TOP_K = 10;
export const NEIGHBOUR_DEPTH = 2;
export const NEIGHBOUR_LIMIT = 50;
export const PATH_MAX_LENGTH = 6;

/** The service, or a bare engine that can do some of the operations. */
export interface Side {
  /** As printed, such as `service` or `PostgreSQL`. */
  readonly name: string;
  readonly operations: readonly Operation[];
  /** Stores the items before anything is timed; links included. */
  load(items: readonly WorkItem[]): Promise<void>;
  /** Rejects when the answer is not what the call must give. */
  run(call: Call): Promise<void>;
  close(): Promise<void>;
}

/** The next call of an operation over the first `end` items. */
export function nextCall(operation: Operation, workload: Workload, end: number): Call {
  switch (operation) {
    case 'store':
      return { operation, item: workload.fresh() };
    case 'get':
    case 'neighbours':
      return { operation, position: workload.position(end) };
    case 'search':
      return { operation, query: workload.query() };
    case 'path':
      return { operation, ...workload.walk(end) };
  }
}
