/** How long a server may be silent before it counts as away. */
export interface Patience {
  /** Longest wait for a connection, made or given back. */
  readonly connectMs: number;
  /** How long a statement is silent before the server is asked about it. */
  readonly silenceMs: number;
  /** How long the server may take to say that it is there. */
  readonly askMs: number;
}

/** Of a request, which is refused within the time given: a connection, or silence and the question, fit in it. */
export const forRequests = (timeoutMs: number): Patience => ({
  connectMs: 0.8 * timeoutMs,
  silenceMs: 0.25 * timeoutMs,
  askMs: 0.4 * timeoutMs,
});

/**
 * Nobody waits for a worker. On a machine so busy that a connection takes a second, the patience of
 * a request would throw away all its connections again and again, and no work would be done.
 */
export const FOR_BACKGROUND: Patience = { connectMs: 10_000, silenceMs: 2_000, askMs: 5_000 };
