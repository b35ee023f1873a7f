/** A deadline that each piece of progress puts off again. */
export class Patience {
  private renewedAt = performance.now();
  private isOver = false;

  constructor(private readonly ms: number) {}

  /** Whether nobody waits any more. */
  get over(): boolean {
    return this.isOver;
  }

  renew(): void {
    this.renewedAt = performance.now();
  }

  /** Settles as `work` does, or rejects with `impatient()` after so many ms without progress. */
  async wait<T>(work: Promise<T>, impatient: () => Error): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const outOfTime = new Promise<never>((_resolve, reject) => {
      const look = (): void => {
        const left = this.renewedAt + this.ms - performance.now();
        if (left > 0) timer = setTimeout(later, Math.ceil(left));
        else reject(impatient());
      };
      // An answer that came while this process was busy is read first.
      const later = (): void => void setImmediate(look);
      look();
    });
    try {
      return await Promise.race([work, outOfTime]);
    } finally {
      this.isOver = true;
      clearTimeout(timer);
    }
  }
}
