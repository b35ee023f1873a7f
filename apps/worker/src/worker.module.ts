import { type DynamicModule, Module } from '@nestjs/common';
import { indexing, type Infrastructure } from '@soma/composition';
import { loggerOptions } from '@soma/observability';
import { LoggerModule } from 'nestjs-pino';
import { WorkerStatusController } from './worker-status.controller.js';

/** The background half: the outbox is drained and the index compared here, whoever else does it. */
@Module({})
export class WorkerModule {
  static register({ config, providers }: Infrastructure): DynamicModule {
    return {
      module: WorkerModule,
      imports: [LoggerModule.forRoot(loggerOptions(config.logLevel))],
      controllers: [WorkerStatusController],
      providers: [...providers, ...indexing(config)],
    };
  }
}
