import { type Embedder, Embedders } from '@soma/embedding';

/** One model in use, and no other ever. */
export class FixedEmbedders extends Embedders {
  constructor(private readonly embedder: Embedder) {
    super();
  }

  active(): Embedder {
    return this.embedder;
  }

  writing(): readonly [Embedder] {
    return [this.embedder];
  }

  patient(): readonly [Embedder] {
    return [this.embedder];
  }

  async refresh(): Promise<void> {}
}
