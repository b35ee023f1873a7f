import type { SpanDescription } from '@soma/tracing';

/** Tasks of one tenant, worked off together. */
export const outboxSpan = (what: 'index' | 'embed', tasks: number): SpanDescription => ({
  name: `process index_outbox ${what}`,
  kind: 'consumer',
  attributes: {
    'messaging.system': 'postgresql',
    'messaging.operation.name': what,
    'messaging.operation.type': 'process',
    'messaging.destination.name': 'index_outbox',
    'messaging.batch.message_count': tasks,
  },
});

export const traceparentsOf = (tasks: readonly { readonly traceparent?: string }[]): string[] =>
  tasks.flatMap(({ traceparent }) => traceparent ?? []);
