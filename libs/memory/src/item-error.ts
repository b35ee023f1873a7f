import { type FieldFault, SomaError } from '@soma/core';
import { z } from 'zod';

/** Why one item of a batch was refused; the others are not touched by it. */
export const itemErrorSchema = z.object({
  code: z.string(),
  detail: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })),
});

export type ItemError = z.infer<typeof itemErrorSchema>;

export function itemErrorOf({ code, message: detail, errors }: SomaError): ItemError {
  return { code, detail, errors: [...errors] };
}

/** The error that the item's own route would answer. */
export function invalidItem(detail: string, { issues }: z.ZodError): SomaError {
  const errors = issues.map((issue): FieldFault => ({
    path: issue.path.join('.'),
    message: issue.message,
  }));
  return new SomaError('VALIDATION_FAILED', detail, { errors });
}
