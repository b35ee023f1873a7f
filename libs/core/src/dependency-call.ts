import { channel } from 'node:diagnostics_channel';

/** What this process asks for its work: servers, and the engines that stand in for them. */
export type Dependency =
  | 'postgresql'
  | 'pglite'
  | 'milvus'
  | 'flat'
  | 'redis'
  | 'embedding-provider'
  | 'chat-model'
  | 'predictor'
  | 'opa'
  | 'vault';

/** `ok`: it did its work; `not-asked`: it has been failing, and is given a pause. */
export type CallOutcome = 'ok' | 'failed' | 'not-asked';

export const CALL_OUTCOMES: readonly CallOutcome[] = ['ok', 'failed', 'not-asked'];

export interface DependencyCall {
  readonly dependency: Dependency;
  /** Of few in all: a label of metrics. */
  readonly operation: string;
}

export interface EndedCall extends DependencyCall {
  readonly seconds: number;
  readonly outcome: CallOutcome;
}

const CALLS = channel('soma:dependency-call');

const failed = (): CallOutcome => 'failed';

/**
 * `work`, which asks a dependency, with its time and outcome told to who watches.
 * @param outcomeOf what an error says of the dependency: a refusal may be work well done.
 */
export async function timedCall<Result>(
  call: DependencyCall,
  work: () => Promise<Result>,
  outcomeOf: (error: unknown) => CallOutcome = failed,
): Promise<Result> {
  if (!CALLS.hasSubscribers) return work();
  const began = performance.now();
  const ended = (outcome: CallOutcome): void =>
    CALLS.publish({ ...call, seconds: (performance.now() - began) / 1_000, outcome });
  try {
    const result = await work();
    ended('ok');
    return result;
  } catch (error) {
    ended(outcomeOf(error));
    throw error;
  }
}

/** Tells of every call of a dependency in this process from now on. @returns what ends that. */
export function watchDependencies(onCall: (call: EndedCall) => void): () => void {
  const calls = (call: unknown): void => onCall(call as EndedCall);
  CALLS.subscribe(calls);
  return () => {
    CALLS.unsubscribe(calls);
  };
}
