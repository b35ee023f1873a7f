/** What a token may do. `admin` manages the tokens of its own tenant. */
export const TOKEN_SCOPES = [
  'memories:read',
  'memories:write',
  'graph:read',
  'graph:write',
  'admin',
] as const;

export type TokenScope = (typeof TOKEN_SCOPES)[number];
