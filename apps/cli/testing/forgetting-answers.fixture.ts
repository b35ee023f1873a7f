import { aMemory, MEMORY_ID } from './resources.fixture.js';

/** What routes of forgetting answer, by method and path; undefined for any other route. */
export function forgettingAnswer(
  method: string,
  path: string,
): { readonly status?: number; readonly body?: unknown } | undefined {
  if (/^\/memories\/[^/]+\/salience$/.test(path)) return { body: SALIENCE };
  if (/^\/memories\/[^/]+\/feedback$/.test(path)) return { body: FEEDBACK };
  switch (`${method} ${path}`) {
    case 'POST /hierarchy/decay':
      return { body: { at: AT, archived: 0, fields: 0, memories: [], next_cursor: null } };
    case 'POST /hierarchy/duplicates':
      return { body: { looked_at: 0, looked_up_to: null, clusters: [], next_cursor: null } };
    case `GET /memories/${MEMORY_ID}/merged`:
      return { body: { id: MEMORY_ID, merged: [], next_cursor: null } };
    case `POST /memories/${MEMORY_ID}/unmerge`:
      return { body: { id: MEMORY_ID, unmerged: [], remaining: false } };
    case 'GET /hierarchy/archive':
      return { body: { archived: [], next_cursor: null } };
    case `POST /hierarchy/archive/${MEMORY_ID}/restore`:
      return { body: aMemory() };
    case `DELETE /hierarchy/archive/${MEMORY_ID}`:
      return { status: 204 };
    default:
      return undefined;
  }
}

const AT = '2027-01-01T00:00:00.000Z';

const SALIENCE = {
  id: MEMORY_ID,
  at: AT,
  salience: 0.5,
  parts: { importance: 0.5, fades: true, idle_ms: 0 },
  memory_type: 'episodic',
  tier: 0,
  pinned: false,
  held: false,
};

const FEEDBACK = {
  id: MEMORY_ID,
  reward: -0.5,
  correct: false,
  expected: null,
  expected_from: null,
  predicted_by: null,
  learning_rate: 0.2,
  importance_before: 0.5,
  importance_after: 0.45,
  prediction: null,
  correction: null,
};
