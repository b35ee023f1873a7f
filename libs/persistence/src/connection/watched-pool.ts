import { SomaError } from '@soma/core';
import { Pool, type PoolClient, type PoolConfig } from 'pg';
import type { PostgresWatch } from './postgres-watch.js';

type Connected = (
  error: Error | undefined,
  client: PoolClient | undefined,
  release: (error?: Error | boolean) => void,
) => void;

/** A pool that gives no connection, and lets nobody wait for one, while the server is away. */
export class WatchedPool extends Pool {
  constructor(
    config: PoolConfig,
    private readonly watch: PostgresWatch,
  ) {
    super(config);
    this.on('connect', (client) => watch.add(client));
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<PoolClient> | void {
    if (!this.watch.isAway) return callback ? super.connect(callback) : super.connect();
    const away = databaseAway();
    if (!callback) return Promise.reject(away);
    callback(away, undefined, () => {});
  }
}

const databaseAway = (): SomaError =>
  new SomaError('DEPENDENCY_UNAVAILABLE', 'The database is not answering; try again.', {
    retryAfterSeconds: 1,
  });
