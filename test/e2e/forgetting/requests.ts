import type {
  ArchivePage,
  DecayedMemory,
  DecayPolicyAnswer,
  DecayStep,
  FeedbackAnswer,
  Salience,
} from '@soma/forgetting';
import { v7 as uuidv7 } from 'uuid';
import type { Answer } from '../http.js';
import { ok, sendRequest } from '../http.js';
import type { Client, Service } from '../service.js';

type Body = Record<string, unknown>;

/** What the routes of forgetting are asked, with one client. */
export function forgettingOf(service: Service, client: Client) {
  const put = <Result>(path: string, body: Body): Promise<Answer<Result>> =>
    sendRequest<Result>(service.url, 'PUT', path, { token: client.token, body });
  const policyPath = `/admin/tenants/${client.tenantId}/decay-policy`;
  return {
    put,
    policyPath,
    setPolicy: (policy: Body) => ok(put<DecayPolicyAnswer>(policyPath, policy)),
    step: (body: Body) => client.post<DecayStep>('/hierarchy/decay', body),
    /** All steps of a run. */
    run: async (body: Body): Promise<DecayedMemory[]> => {
      const all: DecayedMemory[] = [];
      let cursor: string | null | undefined;
      do {
        const step: DecayStep = await ok(
          client.post<DecayStep>('/hierarchy/decay', { ...body, ...(cursor && { cursor }) }),
        );
        all.push(...step.memories);
        cursor = step.next_cursor;
      } while (cursor);
      return all;
    },
    archive: (query = '') => ok(client.get<ArchivePage>(`/hierarchy/archive?${query}`)),
    restore: <Result>(id: string, body: Body = {}) =>
      client.post<Result>(`/hierarchy/archive/${id}/restore`, body),
    salience: (address: string, query = '') =>
      ok(client.get<Salience>(`/memories/${address}/salience?${query}`)),
    feedback: (address: string, body: Body, key = uuidv7()) =>
      ok(
        client.post<FeedbackAnswer>(`/memories/${address}/feedback`, body, {
          'idempotency-key': key,
        }),
      ),
    hold: (address: string) => put(`/memories/${address}/hold`, { reason: 'case 1' }),
    lift: (address: string) => client.delete(`/memories/${address}/hold`),
  };
}
