import { Readable } from 'node:stream';
import { Controller, Get, Query, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import {
  type AuditEvent,
  type AuditExportQuery,
  auditExportQuerySchema,
  auditPageSchema,
  type AuditPageView,
  type AuditQuery,
  auditQuerySchema,
  AuditRecorder,
  AuditService,
  type AuditVerification,
  auditVerificationSchema,
  type AuditVerifyQuery,
  auditVerifyQuerySchema,
  namedTenant,
} from '@soma/audit';
import type { TenantScope } from '@soma/core';
import { administeredTenant, Caller, type Principal, RequireScope } from '@soma/tenancy';
import { ApiProblems } from '../http/api-responses.js';

const NDJSON = 'application/x-ndjson';

@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/audit')
export class AuditController {
  constructor(
    private readonly audit: AuditService,
    private readonly recorder: AuditRecorder,
  ) {}

  @Get()
  @RequireScope('admin')
  @ApiOperation({ summary: 'Who did what to which thing, when and from where; newest first' })
  @ApiOkResponse({ standardSchema: auditPageSchema, description: 'A page.' })
  @ApiProblems('TENANT_NOT_FOUND', 'CURSOR_INVALID')
  async list(
    @Caller() by: Principal,
    @Query({ schema: auditQuerySchema }) query: AuditQuery,
  ): Promise<AuditPageView> {
    return this.audit.list(scopeOf(by, query.tenant), query);
  }

  @Get('export')
  @RequireScope('admin')
  @ApiOperation({ summary: 'All events that a filter finds, oldest first, one JSON object a line' })
  @ApiProduces(NDJSON)
  @ApiOkResponse({
    description: 'A line for each event, as in a page. A failure on the way cuts the connection.',
    schema: { type: 'string' },
  })
  @ApiProblems('TENANT_NOT_FOUND')
  async export(
    @Caller() by: Principal,
    @Query({ schema: auditExportQuerySchema }) query: AuditExportQuery,
  ): Promise<StreamableFile> {
    const scope = scopeOf(by, query.tenant);
    await this.recorder.note(scope, {
      action: 'audit.export',
      targetKind: 'audit',
      target: '',
      outcome: 'accepted',
      details: {},
    });
    const lines = Readable.from(linesOf(this.audit.export(scope, query)));
    return new StreamableFile(lines, { type: NDJSON }).setErrorHandler((_error, response) => {
      response.destroy?.();
    });
  }

  @Get('verify')
  @RequireScope('admin')
  @ApiOperation({ summary: "Recompute the chain of a tenant's events" })
  @ApiOkResponse({ standardSchema: auditVerificationSchema, description: 'Whether it is intact.' })
  @ApiProblems('TENANT_NOT_FOUND')
  async verify(
    @Caller() by: Principal,
    @Query({ schema: auditVerifyQuerySchema }) { tenant }: AuditVerifyQuery,
  ): Promise<AuditVerification> {
    return this.audit.verify(scopeOf(by, tenant));
  }
}

const scopeOf = (by: Principal, tenant: string | undefined): TenantScope =>
  administeredTenant(by, namedTenant(tenant));

async function* linesOf(pages: AsyncIterable<AuditEvent[]>): AsyncGenerator<string> {
  for await (const events of pages) {
    yield events.map((event) => `${JSON.stringify(event)}\n`).join('');
  }
}
