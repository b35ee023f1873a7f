import { LOG_LEVELS } from '@soma/config';
import { z } from 'zod';

export type LogLevelName = (typeof LOG_LEVELS)[number];

const level = z.enum(LOG_LEVELS);

export const setLogLevelSchema = z
  .strictObject({
    level: level.describe('Least severe level that is logged from now on.'),
    for_seconds: z
      .int()
      .min(1)
      .max(86_400)
      .optional()
      .describe('After so many seconds the configured level is back; left out: until the restart.'),
  })
  .meta({ id: 'SetLogLevel', examples: [{ level: 'debug', for_seconds: 600 }] });

export const logLevelSchema = z
  .object({
    level,
    configured: level.describe('`SOMA_LOG_LEVEL`, which is back after a restart.'),
    until: z.iso
      .datetime()
      .nullable()
      .describe('When the configured level is back; `null`: not before the restart.'),
  })
  .meta({
    id: 'LogLevel',
    examples: [{ level: 'debug', configured: 'info', until: '2026-01-31T12:10:00.000Z' }],
  });

export type SetLogLevel = z.infer<typeof setLogLevelSchema>;
export type LogLevelState = z.infer<typeof logLevelSchema>;
