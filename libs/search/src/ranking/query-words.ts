/** Lexemes that ask rather than tell, beside Postgres' own stop list; left out of queries only. */
export const QUERY_STOP_LEXEMES: ReadonlySet<string> = new Set(
  'mani much kind type would might like could'.split(' '),
);
