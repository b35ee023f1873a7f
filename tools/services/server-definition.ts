export const SERVER_NAMES = ['postgres', 'redis', 'milvus', 'milvus-lite', 'embedder'] as const;

export type ServerName = (typeof SERVER_NAMES)[number];

/** What stays the same however often a server is killed and restarted: clients keep their URL. */
export interface Instance {
  readonly port: number;
  /** Further ports the server needs for itself. */
  readonly innerPorts: readonly number[];
  readonly secrets: Readonly<Record<string, string>>;
  readonly dataDir: string;
  readonly logFile: string;
}

export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: { readonly uid: number; readonly gid: number };
}

export interface ServerContext {
  readonly cacheDir: string;
  readonly abort: AbortSignal;
  log(message: string): void;
}

export interface ServerDefinition {
  readonly name: ServerName;
  readonly innerPortCount: number;
  readonly secretNames: readonly string[];
  /** The signal that means "stop now, but properly". */
  readonly stopSignal: NodeJS.Signals;
  /** Makes the program available on this machine; does nothing when it already is. */
  install(context: ServerContext): Promise<void>;
  /** Fills an empty data directory. Called once in the life of an instance. */
  prepare(instance: Instance, context: ServerContext): Promise<void>;
  launch(instance: Instance, context: ServerContext): Promise<Launch>;
  /** Asks a real question of the server and returns its version; rejects while it is not ready. */
  ask(instance: Instance): Promise<string>;
  environment(instance: Instance): Readonly<Record<string, string>>;
}
