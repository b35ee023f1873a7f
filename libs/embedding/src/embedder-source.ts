import type { Embedder } from './embedder.js';

/** How an operator names a model; what is left out is as the configuration has it. */
export interface ModelRequest {
  /** `hash`, a name of the provider's, or a model as `Embedder` names it. */
  readonly model?: string;
  readonly dimension?: number;
  /** Whether a small model is joined with the hash. */
  readonly joinHash?: boolean;
}

/** Opens embedders by their names, with the configuration's address and key of the provider. */
export abstract class EmbedderSource {
  /** The model that the configuration names. */
  abstract readonly configured: string;
  /** The name of the embedder asked for. @throws SomaError VALIDATION_FAILED */
  abstract nameOf(request: ModelRequest): string;
  /** For requests; one for each name, however often it is asked for. @throws SomaError VALIDATION_FAILED */
  abstract open(model: string): Embedder;
  /**
   * For work that no request waits for: it may take as long as the provider may, and goes past the
   * cache, which a whole database would flush.
   */
  abstract openPatient(model: string): Embedder;
}
