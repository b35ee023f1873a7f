/**
 * The endpoint that a setting names: itself, or the base it stands under (`https://host/v1`).
 * @param setting first part of the settings' names, for errors: `SOMA_CHAT`.
 * @throws RangeError for a URL that holds a password, TypeError for what is none.
 */
export function configuredEndpoint(
  configured: string,
  path: 'embeddings' | 'chat/completions',
  setting: string,
): string {
  const url = new URL(configured);
  if (url.username || url.password) {
    throw new RangeError(
      `${setting}_URL holds a user or a password: put a key in ${setting}_API_KEY.`,
    );
  }
  const base = url.pathname.replace(/\/+$/, '');
  if (base.endsWith(`/${path}`)) return url.href;
  url.pathname = base.endsWith('/v1') ? `${base}/${path}` : `${base}/v1/${path}`;
  return url.href;
}

/** Of a JSON request, with the key. @throws RangeError, as the runtime's own error would show it. */
export function headersWith(apiKey: string | undefined, setting: string): Headers {
  const headers = new Headers({ 'content-type': 'application/json' });
  try {
    if (apiKey) headers.set('authorization', `Bearer ${apiKey}`);
  } catch {
    throw new RangeError(`${setting}_API_KEY has a character that no HTTP header can hold.`);
  }
  return headers;
}
