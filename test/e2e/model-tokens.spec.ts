import type { Quotas } from '@soma/tenancy';
import {
  type ChatAnswer,
  ScriptedChat,
} from '../../libs/consolidation/src/scripted-chat.fixture.js';
import type { Client } from './client.js';
import {
  type EmbeddingProvider,
  startEmbeddingProvider,
  TOKENS_A_TEXT,
} from './embedding-provider.js';
import { eventually } from './eventually.js';
import { ok, problem } from './http.js';
import { OPERATOR_TOKEN, type Service, startService } from './service.js';
import { createOwnStack, type OwnStack } from './stack.js';

const saysWithUsage =
  (content: string): ChatAnswer =>
  (response) =>
    response.end(
      JSON.stringify({
        choices: [{ message: { content } }],
        usage: { prompt_tokens: 31, completion_tokens: 7 },
      }),
    );

describe('tokens of models', () => {
  const chat = new ScriptedChat();
  let provider: EmbeddingProvider;
  let stack: OwnStack;
  let service: Service;
  let standard: Client;
  let gold: Client;

  beforeAll(async () => {
    provider = await startEmbeddingProvider();
    stack = await createOwnStack();
    service = await startService({
      ...stack.settings,
      ...provider.settings,
      SOMA_EMBEDDING_TIMEOUT_MS: '20000',
      SOMA_EMBEDDING_REQUEST_BUDGET_MS: '20000',
      SOMA_PREDICTION_TIMEOUT_MS: '20000',
      SOMA_PREDICTION_URL: await chat.start(),
      SOMA_PREDICTION_MODEL: 'small',
      SOMA_TENANT_CLASSES: 'standard, gold',
    });
    [standard, gold] = [await service.tenant(), await service.tenant()];
    await ok(setQuotas(gold, { tenant_class: 'gold' }));
  });
  afterAll(async () => {
    await service.close();
    await stack.drop();
    await provider.close();
    await chat.stop();
  });

  const quotasOf = ({ tenantId }: Client): string => `/admin/tenants/${tenantId}/quotas`;
  const setQuotas = (tenant: Client, body: object) =>
    service.request<Quotas>('PUT', quotasOf(tenant), { token: OPERATOR_TOKEN, body });
  const tokens = async (dependency: string, direction: string, tenantClass: string) => {
    const { body } = await service.request<string>('GET', '/metrics');
    const labels = `dependency="${dependency}",direction="${direction}",tenant_class="${tenantClass}"`;
    const line = body.split('\n').find((one) => one.includes(`soma_model_tokens_total{${labels}}`));
    return Number(line?.split(' ').at(-1));
  };

  it('P15 are counted by the class of the tenant, and no other class gets them', async () => {
    expect(await tokens('embedding-provider', 'input', 'gold')).toBe(0);
    const before = await tokens('embedding-provider', 'input', 'standard');
    await gold.store({ content: 'a memory of gold' });
    const counted = await eventually(
      () => tokens('embedding-provider', 'input', 'gold'),
      (count) => count > 0,
    );
    expect(counted).toBe(TOKENS_A_TEXT);
    expect(await tokens('embedding-provider', 'input', 'standard')).toBe(before);
    await standard.store({ content: 'a memory of a tenant without a class' });
    await eventually(
      () => tokens('embedding-provider', 'input', 'standard'),
      (count) => count === before + TOKENS_A_TEXT,
    );
    expect(await tokens('embedding-provider', 'input', 'gold')).toBe(TOKENS_A_TEXT);
  });

  it('P15 are counted for a chat model in both directions', async () => {
    const { id } = await gold.store({ content: 'the shop opens at nine' });
    chat.answers(saysWithUsage('it opens at nine'), saysWithUsage('YES'));
    const feedback = { predict: true, query: 'when?', outcome: 'it was open at nine' };
    await ok(gold.post(`/memories/${id}/feedback`, feedback));
    await eventually(
      () => tokens('predictor', 'output', 'gold'),
      (count) => count === 14,
    );
    expect(await tokens('predictor', 'input', 'gold')).toBe(62);
    expect(await tokens('predictor', 'input', 'standard')).toBe(0);
  });

  it('P26 refuses a class that is not configured and keeps the one there is', async () => {
    const refused = await setQuotas(gold, { tenant_class: 'platinum', memories: 1 });
    expect(refused).toMatchObject(problem('VALIDATION_FAILED'));
    expect(JSON.stringify(refused.body)).toContain('standard, gold');
    const { set, effective } = await ok(gold.get<Quotas>(quotasOf(gold)));
    expect(set).toMatchObject({ tenant_class: 'gold', memories: null });
    expect(effective.tenant_class).toBe('gold');
    const other = await ok(standard.get<Quotas>(quotasOf(standard)));
    expect(other.effective.tenant_class).toBe('standard');
    expect(await gold.get(quotasOf(standard))).toMatchObject(problem('TENANT_NOT_FOUND'));
  });
});
