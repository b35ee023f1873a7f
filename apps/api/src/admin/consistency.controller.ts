import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Consistency,
  type ConsistencyQuery,
  consistencyQuerySchema,
  consistencySchema,
  ConsistencyService,
  type ReconcileReport,
  reconcileReportSchema,
  type ReconcileRequest,
  reconcileRequestSchema,
  type ReindexReport,
  reindexReportSchema,
  type ReindexRequest,
  reindexRequestSchema,
} from '@soma/indexing';
import { OperatorOnly } from '@soma/tenancy';
import { AuditsCommand } from '../http/audit.interceptor.js';
import { ApiProblems } from '../http/api-responses.js';

@ApiTags('admin')
@ApiBearerAuth()
@OperatorOnly()
@Controller('admin')
export class ConsistencyController {
  constructor(private readonly consistency: ConsistencyService) {}

  @Get('consistency')
  @ApiOperation({ summary: 'What the last comparison of the index found, and counts made now' })
  @ApiOkResponse({ standardSchema: consistencySchema, description: 'A page of tenants.' })
  @ApiProblems('CURSOR_INVALID', 'DEPENDENCY_UNAVAILABLE')
  read(@Query({ schema: consistencyQuerySchema }) query: ConsistencyQuery): Promise<Consistency> {
    return this.consistency.read(query);
  }

  @Post('reconcile')
  @AuditsCommand('index.reconcile')
  @HttpCode(200)
  @ApiOperation({ summary: 'Compare the index with the database, and repair it both ways' })
  @ApiOkResponse({ standardSchema: reconcileReportSchema, description: 'What was found.' })
  @ApiProblems('TENANT_NOT_FOUND', 'DEPENDENCY_UNAVAILABLE')
  reconcile(
    @Body({ schema: reconcileRequestSchema }) body: ReconcileRequest,
  ): Promise<ReconcileReport> {
    return this.consistency.reconcile(body);
  }

  @Post('reindex')
  @AuditsCommand('index.reindex')
  @HttpCode(200)
  @ApiOperation({ summary: 'Have every stored vector written to the index anew' })
  @ApiOkResponse({ standardSchema: reindexReportSchema, description: 'All is queued.' })
  @ApiProblems('TENANT_NOT_FOUND')
  reindex(@Body({ schema: reindexRequestSchema }) body: ReindexRequest): Promise<ReindexReport> {
    return this.consistency.reindex(body);
  }
}
