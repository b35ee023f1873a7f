import { tenantId, TenantScope } from '@soma/core';
import { ChatModel } from '@soma/openai';
import { ChatDigester, DIGEST_PROMPT } from './chat-digester.js';
import { fails, hangs, says, saysNoJson, ScriptedChat } from './scripted-chat.fixture.js';

const scope = TenantScope.of(tenantId('019aa5a0-0000-7000-8000-000000000001'));
const sources = [
  { id: 'a', text: 'The launch moved to March.', speaker: 'Ann', weight: 1 },
  { id: 'b', text: 'Budget needs approval.', speaker: 'Bob', weight: 1 },
];

describe(ChatDigester.name, () => {
  let chat: ScriptedChat;
  let url: string;
  const digester = (options: { timeoutMs?: number; onBreaker?: (isOpen: boolean) => void } = {}) =>
    new ChatDigester(
      new ChatModel(
        { url, model: 'small', apiKey: 'key', timeoutMs: 1_000, ...options },
        'SOMA_CHAT',
      ),
    );

  beforeEach(async () => {
    chat = new ScriptedChat();
    url = await chat.start();
  });
  afterEach(() => chat.stop());

  it('asks the model with the notes and the speakers, and records model and prompt', async () => {
    chat.answers(says('  Ann: launch in March. '));
    const made = await digester().digest(scope, sources, 64);
    expect(made).toEqual({
      text: 'Ann: launch in March.',
      record: { method: 'chat', model: 'small', prompt: DIGEST_PROMPT.name },
      cited: ['a', 'b'],
    });
    const [{ url: path, authorization, body }] = chat.seen as [(typeof chat.seen)[number]];
    expect({ path, authorization, model: body.model }).toEqual({
      path: '/v1/chat/completions',
      authorization: 'Bearer key',
      model: 'small',
    });
    expect(body.messages[0]?.content).toContain('at most 64 tokens');
    expect(body.messages[1]?.content).toBe(
      '1. Ann: The launch moved to March.\n2. Bob: Budget needs approval.',
    );
  });

  it.each([
    ['refuses', fails(500), 'answered 500'],
    ['redirects', fails(307), 'answered 307'],
    ['says no JSON', saysNoJson, 'not JSON'],
    ['says nothing', says('  '), 'gave no text'],
    ['gives another shape', says(7), 'gave no text'],
    ['says far too much', says('word '.repeat(2_000)), 'said too much'],
    ['does not answer in time', hangs, 'The chat model'],
  ])('picks sentences itself when the model %s, and says why', async (_, answer, why) => {
    chat.answers(answer);
    const made = await digester({ timeoutMs: 200 }).digest(scope, sources, 64);
    expect(made.text).toBe('Ann: The launch moved to March. Bob: Budget needs approval.');
    expect(made.record.method).toBe('extractive');
    expect(made.record.fallback).toContain(why);
  });

  it('asks no model that has been failing, until it has had a pause', async () => {
    const breaker: boolean[] = [];
    chat.answers(fails(503));
    const sick = digester({ onBreaker: (isOpen) => breaker.push(isOpen) });
    for (let tries = 0; tries < 5; tries += 1) await sick.digest(scope, sources, 64);
    expect(chat.seen).toHaveLength(3);
    expect(breaker).toEqual([true]);
  });

  it('takes no address with a password in it', () => {
    url = 'http://user:secret@127.0.0.1/v1';
    expect(() => digester()).toThrow('SOMA_CHAT_API_KEY');
  });
});
