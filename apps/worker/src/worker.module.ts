import { type DynamicModule, Module } from '@nestjs/common';
import { indexing, type Infrastructure } from '@soma/composition';
import { loggerOptions, LogLevel } from '@soma/observability';
import { OperatorToken } from '@soma/tenancy';
import { LoggerModule, PinoLogger } from 'nestjs-pino';
import { WorkerLogLevelController } from './worker-log-level.controller.js';
import { WorkerStatusController } from './worker-status.controller.js';

/** The background half: the outbox is drained and the index compared here, whoever else does it. */
@Module({})
export class WorkerModule {
  static register({ config, providers, tracing }: Infrastructure): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        LoggerModule.forRoot(
          loggerOptions({ level: config.logLevel, place: () => tracing.place() }),
        ),
      ],
      controllers: [WorkerStatusController, WorkerLogLevelController],
      providers: [
        ...providers,
        ...indexing(config),
        { provide: OperatorToken, useValue: OperatorToken.of(config.adminToken) },
        { provide: LogLevel, useValue: new LogLevel(config.logLevel, () => PinoLogger.root) },
      ],
    };
  }
}
