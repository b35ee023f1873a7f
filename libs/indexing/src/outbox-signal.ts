/** Tells whoever drains the outbox that there may be something in it. */
export abstract class OutboxSignal {
  /** Never throws and never waits: a lost signal costs one polling interval. */
  abstract raise(): void;
}

/** For processes whose outbox is drained by workers, which poll. */
export class NoOutboxSignal extends OutboxSignal {
  raise(): void {}
}
