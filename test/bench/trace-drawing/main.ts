import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type OtlpReceiver,
  type ReceivedSpan,
  startOtlpReceiver,
} from '../../e2e/otlp-receiver.ts';
import { embedderSettings } from '../embedder-settings.ts';
import { type OwnService, startService } from '../service-process.ts';
import { drawTrace } from './draw-trace.ts';

/** Spans are sent each second: what belongs to a trace may be in a batch after the last awaited one. */
const SETTLED_MS = 3_000;
/** Caches are filled and connections open by then. */
const ROUNDS_BEFORE = 3;

const has =
  (...names: string[]) =>
  (spans: readonly ReceivedSpan[]): boolean =>
    names.every((name) => spans.some((span) => span.name === name));

/** Sends a request that goes on with a trace of its own. @returns all spans of it. */
async function followed(
  { url, token }: OwnService,
  receiver: OtlpReceiver,
  path: string,
  body: object,
  last: string,
): Promise<ReceivedSpan[]> {
  const traceId = randomBytes(16).toString('hex');
  const answer = await fetch(url + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
  const enough = has(`POST ${path}`, last);
  const found = await receiver.awaited(traceId, enough);
  if (!enough(found)) throw new Error(`No "${last}" came in the trace of POST ${path}.`);
  await sleep(SETTLED_MS);
  return receiver.awaited(traceId, enough);
}

const receiver = await startOtlpReceiver();
const service = await startService({
  stack: 'production',
  settings: {
    ...embedderSettings('openai', process.env),
    SOMA_TRACES_URL: receiver.url,
    SOMA_CONSOLIDATE_INTERVAL_S: '0',
    SOMA_FORGETTING_INTERVAL_S: '0',
  },
});
try {
  const stored = (content: string) =>
    followed(service, receiver, '/memories', { content }, 'insert milvus');
  const searched = (query: string) =>
    followed(service, receiver, '/memories/search', { query }, 'search milvus');
  for (let round = 0; round < ROUNDS_BEFORE; round += 1) {
    await stored(`Ada had ${round} cups of tea`);
    await searched(`did Ada have ${round} cups?`);
  }
  const store = await stored('Ada prefers green tea');
  const search = await searched('what does Ada drink?');
  process.stdout.write(`${drawTrace(store)}\n\n${drawTrace(search)}\n`);
} finally {
  await service.stop();
  await receiver.close();
}
