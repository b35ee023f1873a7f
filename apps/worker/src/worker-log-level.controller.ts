import { BadRequestException, Body, Controller, Get, Logger, Put, UseGuards } from '@nestjs/common';
import { LogLevel, type LogLevelState, setLogLevelSchema } from '@soma/observability';
import { OperatorGuard } from './operator.guard.js';

/** The route of the API, for a worker, which has its own level. */
@Controller('admin/log-level')
@UseGuards(OperatorGuard)
export class WorkerLogLevelController {
  private readonly logger = new Logger(WorkerLogLevelController.name);

  constructor(private readonly logLevel: LogLevel) {}

  @Get()
  read(): LogLevelState {
    return this.logLevel.read();
  }

  @Put()
  set(@Body() body: unknown): LogLevelState {
    const asked = setLogLevelSchema.safeParse(body);
    if (!asked.success) {
      const problems = asked.error.issues.map(
        ({ path, message }) => `${path.join('.')}: ${message}`,
      );
      throw new BadRequestException(problems.join('; '));
    }
    this.logger.warn({ asked: asked.data }, 'The operator changes the log level');
    return this.logLevel.set(asked.data);
  }
}
