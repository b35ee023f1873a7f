const CODE = /^[A-Za-z][A-Za-z0-9_.-]{0,60}$/;

/** What an error is, by its code or its class; its message may hold a client's text. */
export function failureOf(error: unknown): string {
  if (!(error instanceof Error)) return '_OTHER';
  const code = 'code' in error ? String(error.code) : '';
  return [code, error.name].find((name) => CODE.test(name)) ?? '_OTHER';
}
