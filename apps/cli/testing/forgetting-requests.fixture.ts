import type { RequestCase } from './admin-requests.fixture.js';
import { MEMORY_ID } from './resources.fixture.js';
import { words } from './run-soma.fixture.js';

/** What salience, feedback, duplicates, decay and the archive ask of the API. */
export const FORGETTING_REQUESTS: RequestCase[] = [
  [
    'salience takes --at',
    words('salience 1,2 --at 2027-01-01T00:00:00Z -n n'),
    {
      method: 'GET',
      path: '/memories/1,2/salience',
      query: { at: '2027-01-01T00:00:00Z', namespace: 'n' },
    },
  ],
  [
    'feedback takes --outcome --expected --reward',
    words('feedback 1,2 --outcome a --expected b --reward -0.5 --idempotency-key k'),
    {
      method: 'POST',
      path: '/memories/1,2/feedback',
      body: { outcome: 'a', expected: 'b', reward: -0.5 },
      headers: { 'idempotency-key': 'k' },
    },
  ],
  [
    'feedback takes --predict --query',
    words('feedback 1,2 --outcome a --predict --query q'),
    {
      method: 'POST',
      path: '/memories/1,2/feedback',
      body: { outcome: 'a', predict: true, query: 'q' },
    },
  ],
  [
    'duplicates changes nothing without --yes',
    words('duplicates -n n --min-cosine 0.95 --min-words 0.8 --since 2027-01-01T00:00:00Z'),
    {
      method: 'POST',
      path: '/hierarchy/duplicates',
      body: {
        dry_run: true,
        namespace: 'n',
        min_cosine: 0.95,
        min_words: 0.8,
        since: '2027-01-01T00:00:00Z',
        limit: 100,
      },
    },
  ],
  [
    'duplicates merges with --yes',
    ['duplicates', '--yes'],
    { method: 'POST', path: '/hierarchy/duplicates', body: { dry_run: false, limit: 100 } },
  ],
  [
    'unmerge takes --coord',
    ['unmerge', MEMORY_ID, '--coord', '9,9'],
    { method: 'POST', path: `/memories/${MEMORY_ID}/unmerge`, body: { coord: '9,9' } },
  ],
  [
    'unmerge --list asks what is merged',
    ['unmerge', MEMORY_ID, '--list'],
    { method: 'GET', path: `/memories/${MEMORY_ID}/merged`, query: { limit: '200' } },
  ],
  [
    'decay changes nothing without --yes',
    words('decay --at 2027-01-01T00:00:00Z --namespace n'),
    {
      method: 'POST',
      path: '/hierarchy/decay',
      body: { dry_run: true, at: '2027-01-01T00:00:00Z', namespace: 'n', limit: 500 },
    },
  ],
  [
    'archive list takes --kind --namespace --limit',
    words('archive list --kind fields -n n --limit 5'),
    {
      method: 'GET',
      path: '/hierarchy/archive',
      query: { kind: 'fields', namespace: 'n', limit: '5' },
    },
  ],
  [
    'archive restore takes --coord',
    words(`archive restore ${MEMORY_ID} --coord 9,9`),
    { method: 'POST', path: `/hierarchy/archive/${MEMORY_ID}/restore`, body: { coord: '9,9' } },
  ],
  [
    'archive delete takes the id',
    words(`archive delete ${MEMORY_ID}`),
    { method: 'DELETE', path: `/hierarchy/archive/${MEMORY_ID}` },
  ],
];
