import { Controller, Get, Res } from '@nestjs/common';
import { Health, type HealthReport, Metrics } from '@soma/observability';
import type { Response } from 'express';

/** What Kubernetes and Prometheus ask of a worker. */
@Controller()
export class WorkerStatusController {
  constructor(
    private readonly health: Health,
    private readonly metrics: Metrics,
  ) {}

  @Get('healthz')
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  async ready(@Res({ passthrough: true }) response: Response): Promise<HealthReport> {
    const report = await this.health.report();
    response.status(report.status === 'down' ? 503 : 200);
    return report;
  }

  @Get('metrics')
  async prometheus(@Res() response: Response): Promise<void> {
    const text = await this.metrics.registry.metrics();
    response.type(this.metrics.registry.contentType).send(text);
  }
}
