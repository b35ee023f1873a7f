/** Ends a request whose answer has not moved for so long. */
export class Patience {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly timeoutMs: number) {
    this.begin();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** The same chunks, each of which may take the whole time; failures in the words of `translated`. */
  async *over(
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    translated: (error: unknown) => unknown,
  ): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of chunks) {
        this.begin();
        yield chunk;
      }
    } catch (error) {
      throw translated(error);
    }
  }

  /** The request is over, also where its answer was not read to the end. */
  end(): void {
    clearTimeout(this.timer);
    this.controller.abort();
  }

  private begin(): void {
    clearTimeout(this.timer);
    const reason = new DOMException('The answer does not go on.', 'TimeoutError');
    this.timer = setTimeout(() => this.controller.abort(reason), this.timeoutMs);
  }
}
