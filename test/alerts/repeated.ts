/** Work that is done again and again from `begin` to `end`. */
export interface Repeated {
  begin(): void;
  /** Waits for the work under way. @throws what the work threw, which ended it. */
  end(): Promise<void>;
}

export function repeated(work: () => Promise<void>): Repeated {
  const over = new AbortController();
  let ended = Promise.resolve();
  const run = async (): Promise<void> => {
    while (!over.signal.aborted) await work();
  };
  return {
    begin: () => {
      ended = run();
      // Heard by `end`.
      ended.catch(() => undefined);
    },
    end: () => {
      over.abort();
      return ended;
    },
  };
}
