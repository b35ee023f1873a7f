/** A response that a check calls wrong. */
export interface Finding {
  /** Name of the check, such as `positive_data_acceptance`. */
  readonly check: string;
  /** Method and path template. */
  readonly operation: string;
  readonly status: number;
  /** The response's JSON; undefined when it is none. */
  readonly body: unknown;
}

interface Exception {
  readonly check:
    'positive_data_acceptance' | 'negative_data_rejection' | 'ensure_resource_availability';
  /** Without it, any operation. */
  readonly operations?: readonly string[];
  /** The problem's code. */
  readonly code?: string;
  /** What the problem's detail has in it. */
  readonly detail?: RegExp;
  readonly matches?: (body: unknown) => boolean;
  /** What OpenAPI 3.0 cannot say. */
  readonly why: string;
}

const TAKE_IF_MATCH = [
  'PATCH /memories/{address}',
  'DELETE /memories/{address}',
  'POST /memories/{address}/versions/{version}/restore',
];

/** Answers that are right although the document, which cannot say more, calls the request valid. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    check: 'positive_data_acceptance',
    operations: [
      'GET /memories',
      'GET /memories/export',
      'POST /memories/search',
      'POST /memories/context',
      'POST /memories/delete',
      'POST /hierarchy/summarize',
    ],
    code: 'FILTER_INVALID',
    why: 'keys like `metadata.a.b` need patternProperties, and a filter in a URL is JSON in a text',
  },
  {
    check: 'positive_data_acceptance',
    operations: ['PUT /admin/tenants/{tenant}/quotas'],
    code: 'VALIDATION_FAILED',
    detail: /tenant_class/,
    why: 'which classes there are is a setting of the service, not of the document',
  },
  {
    check: 'positive_data_acceptance',
    code: 'CURSOR_INVALID',
    why: 'a cursor is valid for the request alone that it was given out for',
  },
  {
    check: 'positive_data_acceptance',
    code: 'COORDINATE_INVALID',
    detail: /does not fit a 64-bit float|has at most|finite numbers|found "|min_coord/,
    why: 'a pattern does not know which decimals a double holds, nor that two corners need each other',
  },
  {
    check: 'positive_data_acceptance',
    code: 'TEXT_INVALID',
    why: 'no format says: no NUL and no half of a surrogate pair',
  },
  {
    check: 'positive_data_acceptance',
    code: 'NUMBER_NOT_EXACT',
    why: 'no format says: a number that a double holds exactly',
  },
  {
    check: 'positive_data_acceptance',
    code: 'JSON_KEY_FORBIDDEN',
    why: 'keys of free JSON cannot be forbidden by name',
  },
  {
    check: 'positive_data_acceptance',
    code: 'JSON_TOO_DEEP',
    why: 'depth cannot be limited',
  },
  {
    check: 'positive_data_acceptance',
    operations: TAKE_IF_MATCH,
    code: 'VERSION_MISMATCH',
    why: 'a valid If-Match may name a version that the memory no longer has',
  },
  {
    check: 'positive_data_acceptance',
    operations: TAKE_IF_MATCH,
    code: 'VALIDATION_FAILED',
    detail: /^If-Match takes the ETag of a read/,
    why: 'Schemathesis writes entity tags of its own, whatever the pattern of the parameter says',
  },
  {
    check: 'positive_data_acceptance',
    operations: ['GET /graph/neighbors', 'GET /graph/path'],
    code: 'VALIDATION_FAILED',
    detail: /^(?:give coord or id|give from_coord or from_id, and to_coord or to_id)$/,
    why: 'one of two query parameters: parameters have no oneOf',
  },
  {
    check: 'positive_data_acceptance',
    operations: ['DELETE /locks/{name}'],
    code: 'VALIDATION_FAILED',
    detail: /^Give the token of the lease/,
    why: 'the token is in the body or in a header, or the same in both',
  },
  {
    check: 'positive_data_acceptance',
    operations: ['PUT /admin/tenants/{tenant}/encryption'],
    code: 'VALIDATION_FAILED',
    detail: /are named with the policy/,
    why: 'one field depends on the value of another',
  },
  {
    check: 'positive_data_acceptance',
    operations: ['POST /admin/reembed'],
    code: 'VALIDATION_FAILED',
    detail: /needs a provider: set SOMA_EMBEDDING_URL|has none of a provider/,
    why: 'which models there are depends on the configuration',
  },
  {
    check: 'positive_data_acceptance',
    operations: ['POST /admin/tenants/{tenant}/tokens'],
    code: 'VALIDATION_FAILED',
    detail: /of a token in quarantine cannot include admin/,
    why: 'one field depends on the value of another',
  },
  {
    check: 'positive_data_acceptance',
    operations: ['POST /hierarchy/decay'],
    code: 'VALIDATION_FAILED',
    detail: /a run that changes something is of now and of the policy that is set/,
    why: 'one field depends on the value of another',
  },
  {
    check: 'positive_data_acceptance',
    operations: ['PATCH /memories/{address}'],
    code: 'VALIDATION_FAILED',
    detail: /^valid_from needs a slot: the memory has none/,
    why: 'it depends on the memory that is changed',
  },
  {
    check: 'positive_data_acceptance',
    operations: ['POST /memories/{address}/feedback'],
    code: 'VALIDATION_FAILED',
    detail: /^The memory has no `prediction` to compare the outcome with/,
    why: 'it depends on the memory of which an outcome is told',
  },
  {
    check: 'positive_data_acceptance',
    operations: ['POST /memories/{address}/unmerge'],
    code: 'VALIDATION_FAILED',
    detail: /^A coord is for one merged memory/,
    why: 'it depends on whether the address is of a merged memory or of the one that was kept',
  },
  {
    check: 'ensure_resource_availability',
    code: 'TENANT_NOT_FOUND',
    why: 'another step of the scenario has deleted the tenant, which is not seen to be a step before',
  },
  {
    check: 'negative_data_rejection',
    operations: ['POST /memories/bulk', 'POST /memories/search/batch'],
    matches: refusesAnItem,
    why: 'each item is answered on its own, so that a bad one does not refuse the others',
  },
  {
    check: 'negative_data_rejection',
    operations: ['POST /memories/import'],
    matches: failsLines,
    why: 'any text is lines, each of which is answered on its own',
  },
];

/** The exception under which a finding is right, if there is one. */
export function exceptionOf({ check, operation, body }: Finding): Exception | undefined {
  return EXCEPTIONS.find(
    (exception) =>
      exception.check === check &&
      (exception.operations?.includes(operation) ?? true) &&
      (exception.code === undefined || exception.code === textOf(body, 'code')) &&
      (exception.detail?.test(textOf(body, 'detail')) ?? true) &&
      (exception.matches?.(body) ?? true),
  );
}

function textOf(body: unknown, key: 'code' | 'detail'): string {
  const found = isObject(body) ? body[key] : undefined;
  return typeof found === 'string' ? found : '';
}

function refusesAnItem(body: unknown): boolean {
  const results = isObject(body) ? body['results'] : undefined;
  return Array.isArray(results) && results.some((item) => isObject(item) && item['status'] === 400);
}

/** Or has none: a text may be blank. */
function failsLines(body: unknown): boolean {
  return isObject(body) && body['read'] === body['failed'];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
