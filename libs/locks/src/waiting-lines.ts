/**
 * Of those in this process who wait for one lock only the first asks for it, so that a crowd costs
 * the database no more than one does. First come, first served.
 */
export class WaitingLines {
  private readonly tails = new Map<string, Promise<unknown>>();

  /**
   * Waits for its turn, or until `ended`.
   * @returns how to leave the line, which everyone who joined it must.
   */
  async join(line: string, ended: AbortSignal): Promise<() => void> {
    const before = this.tails.get(line);
    const { promise: left, resolve: leave } = Promise.withResolvers<void>();
    // Who gives up lets nobody past those who stand before.
    const tail = Promise.all([before, left]);
    this.tails.set(line, tail);
    void tail.finally(() => {
      if (this.tails.get(line) === tail) this.tails.delete(line);
    });
    const { promise: over, resolve: giveUp } = Promise.withResolvers<void>();
    const onEnded = (): void => giveUp();
    ended.addEventListener('abort', onEnded, { once: true });
    if (!ended.aborted) await Promise.race([before, over]);
    ended.removeEventListener('abort', onEnded);
    return leave;
  }
}
