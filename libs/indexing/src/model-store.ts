/**
 * What a model is to the service. `building`: vectors are made beside the active one's. `refused`:
 * built, and its index found too little. `ready`: built and good. `switching`: writes make its
 * vectors before they commit, so that none lacks it. `active`: the one that searches compare.
 * `retired`: was active, and is kept up to date for a way back. `dropping`, `dropped`: its vectors,
 * then its index, are being cleared away.
 */
export const MODEL_STATES = [
  'building',
  'refused',
  'ready',
  'switching',
  'active',
  'retired',
  'dropping',
  'dropped',
] as const;

export type ModelState = (typeof MODEL_STATES)[number];

export interface UsedModel {
  /** As its embedder names it. */
  readonly model: string;
  readonly state: ModelState;
  /** Whether it was ever active. */
  readonly served: boolean;
  readonly switchWhenReady: boolean;
  /** Memories there are and have a vector of it, when last counted. */
  readonly memories: number;
  readonly vectors: number;
  /** Recall@10 of its index against exact search, 0 to 1; undefined before it was measured. */
  readonly recall: number | undefined;
  /** What it waits for, or why it was refused. */
  readonly detail: string | undefined;
  readonly createdAt: Date;
  readonly changedAt: Date;
  /** How long it has been in its state, by the database's clock. */
  readonly sinceMs: number;
}

export interface ModelProgress {
  readonly memories?: number;
  readonly vectors?: number;
  readonly recall?: number;
  /** null takes away what was there. */
  readonly detail?: string | null;
}

/** What of a model is still on its way. */
export interface ModelBacklog {
  /** Vectors to be made; of those that the model does not take, nobody waits. */
  readonly texts: number;
  readonly untaken: number;
  /** Entries on their way to the index, and the age of the oldest in seconds. */
  readonly entries: number;
  readonly oldestSeconds: number;
}

/** Which embedding models are in use: of the whole service, and nothing of any tenant. */
export abstract class ModelStore {
  /** Oldest first. */
  abstract all(): Promise<UsedModel[]>;
  /** Makes the model the active one, if there is none. */
  abstract adopt(model: string): Promise<void>;
  /** Makes it the active one in place of another that has no vectors; that one is dropped. */
  abstract replaceUnused(model: string): Promise<void>;
  /** Begins to build, or goes on. @returns false when another model, or its own state, forbids it. */
  abstract start(model: string, switchWhenReady: boolean): Promise<boolean>;
  /** @returns false when it was not in that state. */
  abstract move(model: string, from: ModelState, to: ModelState): Promise<boolean>;
  /**
   * Makes a model in `switching` the active one at one moment for all writers, and retires the one
   * before. @returns false while a memory waits for its vector of it.
   */
  abstract activate(model: string): Promise<boolean>;
  /**
   * Takes or keeps the work on a model for `leaseMs`, and notes how far it is. @returns false when
   * another process has it, or the model is in another state by now.
   */
  abstract hold(
    { model, state }: Pick<UsedModel, 'model' | 'state'>,
    lease: { readonly holder: string; readonly leaseMs: number },
    progress?: ModelProgress,
  ): Promise<boolean>;
  abstract backlog(model: string): Promise<ModelBacklog>;
  /** Forgets what is queued of a model that is being dropped. */
  abstract forgetTasks(model: string): Promise<void>;
  /** Forgets a model that was dropped. */
  abstract forget(model: string): Promise<void>;
}
