import type { UnitOfWork } from '@soma/core';
import type { SalienceSettings } from '@soma/forgetting';
import { NoOutboxSignal } from '@soma/indexing';
import {
  type Database,
  PostgresMemoryDeletions,
  PrismaUnitOfWork,
  RoomMaker,
} from '@soma/persistence';
import { rowCipherOf } from './row-cipher-of.js';

export const SALIENCE: SalienceSettings = {
  halfLives: { days: { episodic: 30, semantic: 90, summary: 90, procedural: 365 }, tierGrowth: 2 },
  learningRate: 0.2,
};

/** As the service has it, but that it wakes no indexer. */
export function unitOfWorkOf(database: Database): UnitOfWork {
  const room = new RoomMaker(database, new PostgresMemoryDeletions(database), SALIENCE);
  return new PrismaUnitOfWork(database, new NoOutboxSignal(), room, rowCipherOf(database));
}
