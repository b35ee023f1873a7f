import type { Provider } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { AuditLog, AuditRecorder, AuditService } from '@soma/audit';
import type { AppConfig } from '@soma/config';
import { Clock } from '@soma/core';
import { Metrics } from '@soma/observability';
import { AuditInterceptor } from './audit.interceptor.js';

/** What reads the audit, and what notes recalls, refusals and commands in it. */
export const auditProviders = ({ audit }: AppConfig): Provider[] => [
  AuditService,
  {
    provide: AuditRecorder,
    inject: [AuditLog, Clock, Metrics],
    useFactory: (log: AuditLog, clock: Clock, metrics: Metrics) => {
      const recorder = new AuditRecorder(log, clock, {
        recalls: audit.recalls,
        onLost: (events) => metrics.auditLost.inc(events),
      });
      metrics.observe(
        'soma_audit_oldest_seconds',
        'Age of the oldest audit event that waits to be written; 0 when none does.',
        () => Promise.resolve(recorder.oldestSeconds()),
      );
      return recorder;
    },
  },
  { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
];
