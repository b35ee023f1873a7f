import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  LogLevel,
  logLevelSchema,
  type LogLevelState,
  type SetLogLevel,
  setLogLevelSchema,
} from '@soma/observability';
import { OperatorOnly } from '@soma/tenancy';
import { AuditsCommand } from '../http/audit.interceptor.js';
import { ApiProblems } from '../http/api-responses.js';

@ApiTags('admin')
@ApiBearerAuth()
@OperatorOnly()
@Controller('admin/log-level')
export class LogLevelController {
  constructor(private readonly logLevel: LogLevel) {}

  @Get()
  @ApiOperation({ summary: 'How much the process that answers logs' })
  @ApiOkResponse({ standardSchema: logLevelSchema, description: 'As it is, and as configured.' })
  @ApiProblems()
  read(): LogLevelState {
    return this.logLevel.read();
  }

  @Put()
  @AuditsCommand('logs.level')
  @ApiOperation({
    summary: 'Change how much the process that answers logs; other replicas keep theirs',
  })
  @ApiOkResponse({ standardSchema: logLevelSchema, description: 'As it is now.' })
  @ApiProblems()
  set(@Body({ schema: setLogLevelSchema }) body: SetLogLevel): LogLevelState {
    return this.logLevel.set(body);
  }
}
