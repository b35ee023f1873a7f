import { type ModelUsage, SomaError, type TenantScope, timedCall } from '@soma/core';
import { Circuit, outcomeOf } from '@soma/resilience';
import { NO_TRACING, type SpanDescription, type Tracing } from '@soma/tracing';
import { z } from 'zod';
import { configuredEndpoint, headersWith } from './configured-endpoint.js';
import { modelSpan, showUsage } from './model-span.js';

export interface ChatOptions {
  /** The `/chat/completions` endpoint, or the base it stands under (`https://host/v1`). */
  readonly url: string;
  readonly model: string;
  readonly apiKey?: string;
  readonly timeoutMs: number;
  /** What it is to the service; `chat-model` unless set. */
  readonly dependency?: Exclude<ModelUsage['dependency'], 'embedding-provider'>;
  readonly onBreaker?: (isOpen: boolean) => void;
  readonly tracing?: Tracing;
}

export interface ChatQuestion {
  readonly system: string;
  readonly user: string;
  readonly maxTokens: number;
}

const FAILURES = 3;
const PAUSE_MS = 30_000;
/** A model may answer a little longer than it was told to. */
const LENIENCE = 2;
const CHARACTERS_A_TOKEN = 6;

const answerSchema = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1),
});

/** An OpenAI-compatible chat model; after three failures in a row nothing is sent for 30 seconds. */
export class ChatModel {
  readonly name: string;
  private readonly url: string;
  private readonly headers: Headers;
  private readonly circuit: Circuit;

  /**
   * @param setting first part of the settings' names, for errors.
   * @throws RangeError for a URL or key that no request could be made with.
   */
  constructor(
    private readonly options: ChatOptions,
    setting: string,
  ) {
    this.name = options.model;
    this.url = configuredEndpoint(options.url, 'chat/completions', setting);
    this.headers = headersWith(options.apiKey, setting);
    this.circuit = new Circuit({
      dependency: 'The chat model',
      deadlineMs: options.timeoutMs,
      failures: FAILURES,
      pauseMs: PAUSE_MS,
      isOutage: (error) => error instanceof SomaError,
      outage: (detail, cause) => new SomaError('DEPENDENCY_UNAVAILABLE', detail, { cause }),
      onChange: options.onBreaker,
    });
  }

  /** A text that is not empty, of about `maxTokens` at most. @throws SomaError DEPENDENCY_UNAVAILABLE */
  ask(scope: TenantScope, question: ChatQuestion): Promise<string> {
    const { tracing = NO_TRACING } = this.options;
    const { dependency = 'chat-model' } = this.options;
    const answer = () =>
      tracing.within(this.spanOf(question), async (span) => {
        const json = await this.send(question);
        showUsage(span, json, { dependency, tenantId: scope.tenantId });
        return textOf(json, question.maxTokens);
      });
    return timedCall(
      { dependency, operation: 'chat' },
      () => this.circuit.run('answer', answer),
      outcomeOf,
    );
  }

  private spanOf({ maxTokens }: ChatQuestion): SpanDescription {
    return modelSpan({
      operation: 'chat',
      model: this.options.model,
      url: this.url,
      attributes: {
        'gen_ai.request.max_tokens': maxTokens * LENIENCE,
        'gen_ai.request.temperature': 0,
      },
    });
  }

  private async send({ system, user, maxTokens }: ChatQuestion): Promise<unknown> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: this.headers,
      body: JSON.stringify({
        model: this.options.model,
        temperature: 0,
        max_tokens: maxTokens * LENIENCE,
        messages: [
          { role: 'system', content: system },
          { role: 'user', content: user },
        ],
      }),
      // A redirect would carry the texts to a host nobody configured.
      redirect: 'manual',
      signal: AbortSignal.timeout(this.options.timeoutMs),
    }).catch((error: unknown) => {
      throw unavailable('could not be reached', error);
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw unavailable(`answered ${response.status}`);
    }
    return jsonOf(await response.text().catch(() => ''));
  }
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw unavailable('answered something that is not JSON', error);
  }
}

function textOf(json: unknown, maxTokens: number): string {
  const answer = answerSchema.safeParse(json);
  const text = answer.data?.choices[0]?.message.content.trim().toWellFormed().replaceAll('\0', '');
  if (!text) throw unavailable('gave no text');
  if (text.length > maxTokens * LENIENCE * CHARACTERS_A_TOKEN) throw unavailable('said too much');
  return text;
}

const unavailable = (said: string, cause?: unknown): SomaError =>
  new SomaError('DEPENDENCY_UNAVAILABLE', `The chat model ${said}.`, { cause });
