import type { Provider } from '@nestjs/common';
import type { AppConfig } from '@soma/config';
import { Clock } from '@soma/core';
import { Embedder } from '@soma/embedding';
import {
  ConsistencyStore,
  RecallCanary,
  RecallGate,
  ReconcileInTurns,
  ReconcileRuns,
  ReconcileSchedule,
  ReconcileTurns,
} from '@soma/indexing';

/** Compares the index with the database, and then looks how much of what is near it finds. */
export const reconcileSchedule = ({ reconcileIntervalSeconds }: AppConfig): readonly Provider[] => [
  {
    provide: RecallCanary,
    inject: [ReconcileRuns, RecallGate, ConsistencyStore, Embedder, Clock],
    useFactory: (...parts: ConstructorParameters<typeof RecallCanary>) =>
      new RecallCanary(...parts),
  },
  {
    provide: ReconcileSchedule,
    inject: [RecallCanary, ReconcileTurns],
    useFactory: (canary: RecallCanary, turns: ReconcileTurns) =>
      new ReconcileSchedule(new ReconcileInTurns(canary, turns), reconcileIntervalSeconds * 1_000),
  },
];
