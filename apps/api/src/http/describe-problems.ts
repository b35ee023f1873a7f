import type { OpenAPIObject } from '@nestjs/swagger';
import { ERROR_TABLE, type ErrorCode } from '@soma/core';
import { PROBLEM_TYPE } from './problem.js';

const PROBLEM = { $ref: '#/components/schemas/Problem' };
const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Answers = Operation['responses'];
type Answer = Extract<Answers[string], { description: string; content?: object }>;

/** Codes with their titles, as an answer of the document describes them. */
export function describeCodes(codes: readonly ErrorCode[]): string {
  return codes.map((code) => `${code}: ${ERROR_TABLE[code].title}.`).join(' ');
}

/** Gives problems their media type, and every operation those of its kind: of a body, of a URL. */
export function describeProblems(document: OpenAPIObject): OpenAPIObject {
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS) {
      const operation = path[method];
      if (operation) operation.responses = answersOf(operation);
    }
  }
  return document;
}

function answersOf({ responses, requestBody, parameters }: Operation): Answers {
  const ofEvery = {
    ...(parameters?.length && problems('HEADERS_TOO_LARGE')),
    ...(requestBody && { ...problems('BODY_TOO_LARGE'), ...problems('MEDIA_TYPE_UNSUPPORTED') }),
    ...(requestBody && problems('REQUEST_TIMEOUT')),
  };
  const named = Object.entries(responses).map(
    ([status, answer]) => [status, answer && 'content' in answer ? typed(answer) : answer] as const,
  );
  return { ...ofEvery, ...Object.fromEntries(named) };
}

/** A problem is sent as one whatever else the route answers with. */
function typed(answer: Answer): Answer {
  const isProblem = Object.values(answer.content ?? {}).some(
    ({ schema }) => schema && '$ref' in schema && schema.$ref === PROBLEM.$ref,
  );
  return isProblem ? { ...answer, content: { [PROBLEM_TYPE]: { schema: PROBLEM } } } : answer;
}

function problems(code: ErrorCode): Answers {
  const { status } = ERROR_TABLE[code];
  const content = { [PROBLEM_TYPE]: { schema: PROBLEM } };
  return { [status]: { description: describeCodes([code]), content } };
}
