import { type Column, columnOf } from './column.js';
import type { RankingMemory } from './ranking-input.js';

const USER = /^(?:user|human)$/i;
const ASSISTANT = /^(?:assistant|ai|bot|system|chatbot)$/i;
/** The query asks for the assistant's own words. */
const ASKS_ASSISTANT =
  /\byou(?:['’]d| had| have|['’]ve)?(?: also| just| once| previously)? (?:said|told|gave|suggested|recommended|mentioned|listed|provided|shared|explained|wrote|advised|described|proposed)\b|\b(?:did|had) you (?:say|tell|give|suggest|recommend|mention|list|provide|share|explain|write|advise|describe|propose)/i;

export type ChatRole = 'user' | 'assistant';

/** The side of a chat that a role or a speaker names; undefined for a person or nobody. */
export function chatRole({
  role,
  speaker,
}: Partial<Pick<RankingMemory, 'role' | 'speaker'>>): ChatRole | undefined {
  const said = (role ?? speaker ?? '').trim();
  if (USER.test(said)) return 'user';
  return ASSISTANT.test(said) ? 'assistant' : undefined;
}

/**
 * 1 for a user's words, -1 for an assistant's, 0 for anybody else's: what is asked of a chat is
 * mostly what its user told. The other way round where the query asks what the assistant said.
 */
export function roleEvidence(memories: readonly RankingMemory[], query: string): Column {
  const user = ASKS_ASSISTANT.test(query) ? -1 : 1;
  return columnOf(memories, (memory) => {
    const role = chatRole(memory);
    if (!role) return 0;
    return role === 'user' ? user : -user;
  });
}
