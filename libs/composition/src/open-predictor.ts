import type { AppConfig } from '@soma/config';
import { ChatPredictor, NoPredictor, type Predictor } from '@soma/forgetting';
import type { Metrics } from '@soma/observability';
import { ChatModel } from '@soma/openai';
import type { Tracing } from '@soma/tracing';

export function openPredictor(
  { prediction }: AppConfig,
  metrics: Metrics,
  tracing: Tracing,
): Predictor {
  if (!prediction) return new NoPredictor();
  metrics.watchBreaker('predictor');
  const onBreaker = (isOpen: boolean) => metrics.breaker('predictor', isOpen);
  const options = { ...prediction, dependency: 'predictor' as const, onBreaker, tracing };
  return new ChatPredictor(new ChatModel(options, 'SOMA_PREDICTION'));
}
