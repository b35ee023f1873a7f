import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';

const COMMAND_TIMEOUT_MS = 500;

/** A client that fails at once instead of queueing when Redis is away; it reconnects by itself. */
export function openRedis(url: string): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: 2_000,
  });
  const logger = new Logger('Redis');
  redis.on('error', (error: Error) => logger.warn({ err: error }, 'Redis is not answering'));
  return redis;
}
