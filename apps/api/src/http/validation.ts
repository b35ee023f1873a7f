import { StandardSchemaValidationPipe } from '@nestjs/common';
import { type FieldFault, SomaError } from '@soma/core';

const MAX_FAULTS = 20;
const MAX_MESSAGE = 500;

type Issue = NonNullable<
  Awaited<ReturnType<StandardSchemaValidationPipe['validate']>>['issues']
>[number];

/** Checks every parameter against its schema; a fault says where and what is wrong. */
export class SchemaValidation extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: refusal });
  }

  /** Nothing is taken out of a payload in silence: what is dangerous, `jsonBody` has refused. */
  protected override stripProtoKeys(): void {}
}

function refusal(issues: readonly Issue[]): SomaError {
  const errors = issues.slice(0, MAX_FAULTS).map((issue): FieldFault => ({
    path: (issue.path ?? [])
      .map((part) => (typeof part === 'object' ? String(part.key) : String(part)))
      .join('.'),
    message: shortened(issue.message),
  }));
  const [first] = errors;
  const where = first?.path ? `"${first.path}": ` : '';
  return new SomaError('VALIDATION_FAILED', `${where}${first?.message ?? 'is not valid'}`, {
    errors,
  });
}

/** zod names every key it does not know. */
function shortened(message: string): string {
  return message.length > MAX_MESSAGE
    ? `${message.slice(0, MAX_MESSAGE).toWellFormed()}…`
    : message;
}
