import { type Embedder, Embedders } from '@soma/embedding';

/** One embedder for all that is asked of them. */
export class OneEmbedder extends Embedders {
  constructor(private readonly embedder: Embedder) {
    super();
  }
  active(): Embedder {
    return this.embedder;
  }
  writing(): [Embedder] {
    return [this.embedder];
  }
  patient(): [Embedder] {
    return [this.embedder];
  }
  refresh(): Promise<void> {
    return Promise.resolve();
  }
}
