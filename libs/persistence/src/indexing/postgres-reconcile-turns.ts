import { Injectable } from '@nestjs/common';
import { ReconcileTurns, type TurnTerms } from '@soma/indexing';
import { Database } from '../connection/database.js';
import type { Prisma } from '../generated/client.js';

@Injectable()
export class PostgresReconcileTurns extends ReconcileTurns {
  constructor(private readonly database: Database) {
    super();
  }

  take(holder: string, { leaseMs, restMs }: TurnTerms): Promise<boolean> {
    return this.changed(
      (transaction) => transaction.$executeRaw`
        UPDATE reconcile_turn SET holder = ${holder}::uuid,
          expires_at = clock_timestamp() + make_interval(secs => ${leaseMs / 1000}::float8)
        WHERE expires_at <= clock_timestamp()
          AND finished_at <= clock_timestamp() - make_interval(secs => ${restMs / 1000}::float8)`,
    );
  }

  renew(holder: string, leaseMs: number): Promise<boolean> {
    return this.changed(
      (transaction) => transaction.$executeRaw`
        UPDATE reconcile_turn
        SET expires_at = clock_timestamp() + make_interval(secs => ${leaseMs / 1000}::float8)
        WHERE holder = ${holder}::uuid`,
    );
  }

  async end(holder: string, finished: boolean): Promise<void> {
    await this.changed(
      (transaction) => transaction.$executeRaw`
        UPDATE reconcile_turn SET holder = NULL, expires_at = '-infinity',
          finished_at = CASE WHEN ${finished} THEN clock_timestamp() ELSE finished_at END
        WHERE holder = ${holder}::uuid`,
    );
  }

  private async changed(
    change: (transaction: Prisma.TransactionClient) => Promise<number>,
  ): Promise<boolean> {
    return (await this.database.withSystem(change)) > 0;
  }
}
