import { type TenantScope, timedCall } from '@soma/core';
import { configuredEndpoint, headersWith, modelSpan, showUsage } from '@soma/openai';
import { NO_TRACING, type Tracing } from '@soma/tracing';
import { readAnswer } from './openai-answer.js';
import { ProviderFault } from './provider-fault.js';
import { retryAfterMs } from './retry-after.js';

export interface EndpointOptions {
  /** The `/embeddings` endpoint, or the base it stands under (`https://host/v1`). */
  readonly url: string;
  readonly model: string;
  readonly apiKey?: string;
  readonly dimension: number;
  /** Send `dimensions`, which models that can be shortened obey and some servers refuse. */
  readonly requestDimensions?: boolean;
  readonly tracing?: Tracing;
}

const SETTING = 'SOMA_EMBEDDING';

/** One OpenAI-compatible embeddings endpoint: one HTTP request a call, no second try. */
export class OpenAiEndpoint {
  private readonly url: string;
  private readonly headers: Headers;

  /** @throws RangeError for a URL or a key that no request could be made with. */
  constructor(private readonly options: EndpointOptions) {
    this.url = configuredEndpoint(options.url, 'embeddings', SETTING);
    this.headers = headersWith(options.apiKey, SETTING);
  }

  /**
   * @throws ProviderFault for every failure, also when `signal` aborts: with its reason when that
   * is a ProviderFault.
   */
  async embed(
    { tenantId }: TenantScope,
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<Float32Array[]> {
    const { model, dimension } = this.options;
    const { tracing = NO_TRACING } = this.options;
    const description = modelSpan({
      operation: 'embeddings',
      model,
      url: this.url,
      attributes: {
        'gen_ai.embeddings.dimension.count': dimension,
        'soma.embeddings.texts': texts.length,
      },
    });
    const dependency = 'embedding-provider';
    return timedCall({ dependency, operation: 'embeddings' }, () =>
      tracing.within(description, async (span) => {
        const json = await this.post(texts, signal);
        showUsage(span, json, { dependency, tenantId });
        return readAnswer(json, { count: texts.length, dimension, model });
      }),
    );
  }

  private async post(texts: readonly string[], signal: AbortSignal): Promise<unknown> {
    const { model, dimension, requestDimensions } = this.options;
    try {
      const response = await fetch(this.url, {
        method: 'POST',
        headers: this.headers,
        body: JSON.stringify({
          model,
          input: texts,
          ...(requestDimensions ? { dimensions: dimension } : {}),
        }),
        // A redirect would carry the texts to a host nobody configured.
        redirect: 'manual',
        signal,
      });
      if (response.status !== 200) {
        await response.body?.cancel();
        throw refusal(response);
      }
      return parseJson(await response.text());
    } catch (error) {
      throw faultOf(error, signal);
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProviderFault('The embedding provider answered something that is not JSON.', {
      retryable: true,
      outage: true,
    });
  }
}

function refusal(response: Response): ProviderFault {
  const { status } = response;
  const said = `The embedding provider answered ${status}`;
  if (status === 429 || status >= 500) {
    return new ProviderFault(`${said}; try again later.`, {
      retryable: true,
      outage: status !== 429,
      retryAfterMs: retryAfterMs(response.headers.get('retry-after'), new Date()),
    });
  }
  if (status === 401 || status === 403) {
    return new ProviderFault(`${said}: check SOMA_EMBEDDING_API_KEY.`);
  }
  if (status === 413 || status === 400 || status === 422) {
    return new ProviderFault(
      `${said}: the text may be too long for the model, or SOMA_EMBEDDING_MODEL not known to it.`,
    );
  }
  return new ProviderFault(`${said}: check SOMA_EMBEDDING_URL and SOMA_EMBEDDING_MODEL.`);
}

function faultOf(error: unknown, signal: AbortSignal): ProviderFault {
  if (error instanceof ProviderFault) return error;
  if (signal.aborted && signal.reason instanceof ProviderFault) return signal.reason;
  return new ProviderFault(`The embedding provider cannot be reached${networkCode(error)}.`, {
    retryable: true,
    outage: true,
  });
}

function networkCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z_]{1,40}$/.test(code) ? ` (${code})` : '';
}
