import { type ModelUsage, noteModelUsage } from '@soma/core';
import type { OpenSpan, SpanAttributes, SpanDescription } from '@soma/tracing';
import { z } from 'zod';

interface ModelCall {
  readonly operation: 'chat' | 'embeddings';
  readonly model: string;
  readonly url: string;
  readonly attributes: SpanAttributes;
}

/**
 * A call of a model by OpenTelemetry's conventions for generative AI, without what it is told or says.
 * https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
 */
export function modelSpan({ operation, model, url, attributes }: ModelCall): SpanDescription {
  const { hostname, port, protocol } = new URL(url);
  return {
    name: `${operation} ${model}`,
    kind: 'client',
    attributes: {
      'gen_ai.operation.name': operation,
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': model,
      'server.address': hostname,
      'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
      ...attributes,
    },
  };
}

const tokens = z.int().nonnegative().optional().catch(undefined);
const usageSchema = z.object({
  usage: z.object({ prompt_tokens: tokens, completion_tokens: tokens }),
});

/** What the model says it used, in the span and to who counts it; servers that do not say are asked nothing more. */
export function showUsage(
  span: OpenSpan,
  answer: unknown,
  asked: Pick<ModelUsage, 'dependency' | 'tenantId'>,
): void {
  const { data } = usageSchema.safeParse(answer);
  const { prompt_tokens: input, completion_tokens: output } = data?.usage ?? {};
  noteModelUsage({ ...asked, inputTokens: input ?? 0, outputTokens: output ?? 0 });
  span.set({
    ...(input !== undefined && { 'gen_ai.usage.input_tokens': input }),
    ...(output !== undefined && { 'gen_ai.usage.output_tokens': output }),
  });
}
