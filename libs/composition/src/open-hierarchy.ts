import type { Provider } from '@nestjs/common';
import type { AppConfig } from '@soma/config';
import {
  ChatDigester,
  ConsolidationPolicy,
  Consolidator,
  Digester,
  ExtractiveDigester,
  HierarchyStore,
  NodeMaker,
} from '@soma/consolidation';
import type { Metrics } from '@soma/observability';
import { ChatModel } from '@soma/openai';
import { PostgresHierarchyStore, PostgresMemoryAncestry } from '@soma/persistence';
import { MemoryAncestry } from '@soma/search';
import type { Tracing } from '@soma/tracing';

/** What consolidates, in the background or when asked to. */
export function hierarchyProviders(
  { chat, consolidation }: AppConfig,
  metrics: Metrics,
  tracing: Tracing,
): readonly Provider[] {
  return [
    { provide: HierarchyStore, useClass: PostgresHierarchyStore },
    { provide: MemoryAncestry, useClass: PostgresMemoryAncestry },
    { provide: Digester, useValue: openDigester(chat, metrics, tracing) },
    {
      provide: ConsolidationPolicy,
      useValue: {
        count: consolidation.afterChanges,
        ageMs: consolidation.afterSeconds * 1000,
        intervalMs: consolidation.intervalSeconds * 1000,
      } satisfies ConsolidationPolicy,
    },
    NodeMaker,
    Consolidator,
  ];
}

function openDigester(chat: AppConfig['chat'], metrics: Metrics, tracing: Tracing): Digester {
  if (!chat) return new ExtractiveDigester();
  metrics.watchBreaker('chat-model');
  const onBreaker = (isOpen: boolean) => metrics.breaker('chat-model', isOpen);
  return new ChatDigester(new ChatModel({ ...chat, onBreaker, tracing }, 'SOMA_CHAT'));
}
