import { Logger } from '@nestjs/common';
import type { Metrics } from '@soma/observability';
import { RedisConnection } from '@soma/resilience';
import type { Tracing } from '@soma/tracing';
import { Redis } from 'ioredis';

const COMMAND_TIMEOUT_MS = 250;

/** A connection that fails at once instead of queueing when Redis is away; it comes back by itself. */
export function openRedis(url: string, metrics: Metrics, tracing: Tracing): RedisConnection {
  const client = new Redis(url, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: 2_000,
    disconnectTimeout: 500,
  });
  metrics.watchBreaker('redis');
  const logger = new Logger('Redis');
  client.on('error', (error: Error) => logger.debug({ err: error }, 'Redis failed'));
  return new RedisConnection(client, {
    deadlineMs: COMMAND_TIMEOUT_MS,
    tracing,
    onBreaker: (isOpen) => {
      metrics.breaker('redis', isOpen);
      logger.warn(isOpen ? 'It does not answer: limits and cache in process' : 'It answers again');
    },
  });
}
