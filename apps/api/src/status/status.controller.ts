import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { TenantScope } from '@soma/core';
import { namespaceSchema } from '@soma/memory';
import { Health, Metrics } from '@soma/observability';
import { CallerTenant, Public, RequireScope } from '@soma/tenancy';
import type { Response } from 'express';
import { z } from 'zod';
import { ApiProblems } from '../http/api-responses.js';
import { StatsService } from './stats.service.js';
import {
  type HealthAnswer,
  healthSchema,
  livenessSchema,
  type Readiness,
  readinessSchema,
  type Stats,
  statsSchema,
} from './status.schema.js';
import { VERSION } from './version.js';

const statsQuerySchema = z.strictObject({ namespace: namespaceSchema.optional() });

@ApiTags('status')
@Controller()
export class StatusController {
  constructor(
    private readonly health: Health,
    private readonly metrics: Metrics,
    private readonly stats: StatsService,
  ) {}

  @Get('healthz')
  @Public()
  @ApiOperation({ summary: 'Is the process alive? Asks nothing else' })
  @ApiOkResponse({ standardSchema: livenessSchema, description: 'It is.' })
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  @Public()
  @ApiOperation({ summary: 'Can it serve? Asks every dependency; 503 without the database' })
  @ApiOkResponse({ standardSchema: readinessSchema, description: 'It can.' })
  async ready(@Res({ passthrough: true }) response: Response): Promise<Readiness> {
    const report = await this.health.report();
    response.status(report.status === 'down' ? 503 : 200);
    return report;
  }

  @Get('health')
  @Public()
  @ApiOperation({ summary: 'Every dependency with its latency' })
  @ApiOkResponse({ standardSchema: healthSchema, description: 'The state of each.' })
  async detailed(): Promise<HealthAnswer> {
    const report = await this.health.report();
    return { ...report, version: VERSION, uptime_s: Math.round(process.uptime()) };
  }

  @Get('metrics')
  @Public()
  @ApiOperation({ summary: 'Prometheus metrics' })
  @ApiProduces('text/plain')
  @ApiOkResponse({
    description: 'In the Prometheus text format.',
    schema: { type: 'string', example: 'soma_outbox_tasks 0' },
  })
  async prometheus(@Res() response: Response): Promise<void> {
    const text = await this.metrics.registry.metrics();
    response.type(this.metrics.registry.contentType).send(text);
  }

  @Get('stats')
  @ApiBearerAuth()
  @RequireScope('memories:read')
  @ApiOperation({ summary: "Counts of the tenant's memories, and what serves them" })
  @ApiOkResponse({ standardSchema: statsSchema, description: 'The counts.' })
  @ApiProblems('NAMESPACE_FORBIDDEN')
  count(
    @CallerTenant() scope: TenantScope,
    @Query({ schema: statsQuerySchema }) { namespace }: { namespace?: string },
  ): Promise<Stats> {
    return this.stats.count(scope, namespace);
  }
}
