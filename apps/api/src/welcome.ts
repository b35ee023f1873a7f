import type { AppConfig } from '@soma/config';

/** What a person who has just started the service needs to know. */
export function welcome(url: string, token: string | undefined, config: AppConfig): string {
  const lines = ['', `SomaFractalMemory is ready at ${url}`, `  Swagger   ${url}/api/docs`];
  if (token === undefined) {
    lines.push('  Tokens    made with SOMA_ADMIN_TOKEN at POST /admin/tenants/{id}/tokens', '');
    return `${lines.join('\n')}\n`;
  }
  lines.push(
    `  Data      ${config.dataDir} (embedded; one process at a time)`,
    `  Token     ${token}`,
    '',
    'Try:',
    `  curl -s ${url}/memories -H 'Authorization: Bearer ${token}' \\`,
    `    -H 'Content-Type: application/json' -d '{"payload": {"text": "The user likes tea."}}'`,
    `  curl -s ${url}/memories/search -H 'Authorization: Bearer ${token}' \\`,
    `    -H 'Content-Type: application/json' -d '{"query": "What does the user like?"}'`,
    '',
  );
  return `${lines.join('\n')}\n`;
}
