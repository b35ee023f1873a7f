import { StandardSchemaValidationPipe } from '@nestjs/common';
import { type FieldFault, SomaError } from '@soma/core';

const MAX_FAULTS = 20;

/** Checks every parameter against its schema; a fault says where and what is wrong. */
export function schemaValidation(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({
    exceptionFactory: (issues) => {
      const errors = issues.slice(0, MAX_FAULTS).map((issue): FieldFault => ({
        path: (issue.path ?? [])
          .map((part) => (typeof part === 'object' ? String(part.key) : String(part)))
          .join('.'),
        message: issue.message,
      }));
      const [first] = errors;
      const where = first?.path ? `"${first.path}": ` : '';
      return new SomaError('VALIDATION_FAILED', `${where}${first?.message ?? 'is not valid'}`, {
        errors,
      });
    },
  });
}
