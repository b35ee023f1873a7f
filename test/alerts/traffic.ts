import { uniqueText } from '../faults/harness/marked-text.ts';
import { pause } from '../faults/harness/pause.ts';
import type { Sender } from '../faults/harness/sender.ts';
import { repeated } from './repeated.ts';

/** One that is not answered is not waited for, up to so many. */
const MOST_UNDER_WAY = 40;

/** Stores and searches one after the other, so many a second, whatever comes of them. */
export class Traffic {
  /** Of every memory stored from now on. */
  tags: readonly string[] = [];
  readonly #sender: Sender;
  readonly #everyMs: number;
  readonly #asking = repeated(() => this.#turn());
  #turns = 0;
  #underWay = 0;

  constructor(sender: Sender, perSecond: number) {
    this.#sender = sender;
    this.#everyMs = 1000 / perSecond;
  }

  start(): void {
    this.#asking.begin();
  }

  async stop(): Promise<void> {
    // An interruption ends it, and is heard elsewhere.
    await this.#asking.end().catch(() => undefined);
  }

  async #turn(): Promise<void> {
    const turn = this.#turns++;
    if (this.#underWay < MOST_UNDER_WAY) {
      this.#underWay += 1;
      void this.#ask(turn).finally(() => (this.#underWay -= 1));
    }
    await pause(this.#everyMs);
  }

  #ask(turn: number): Promise<unknown> {
    const { content } = uniqueText();
    return turn % 2 === 0
      ? this.#sender.send('POST', '/memories', { body: { content, tags: this.tags } })
      : this.#sender.send('POST', '/memories/search', { body: { query: content, top_k: 3 } });
  }
}
