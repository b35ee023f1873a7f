const DEFAULTS = {
  SOMA_EMBEDDING_MODEL: 'all-MiniLM-L6-v2',
  SOMA_EMBEDDING_DIMENSION: '384',
  /** A model on a CPU may need seconds for a batch. */
  SOMA_EMBEDDING_TIMEOUT_MS: '120000',
};
const PASSED_ON = [
  'SOMA_EMBEDDING_MODEL',
  'SOMA_EMBEDDING_DIMENSION',
  'SOMA_EMBEDDING_API_KEY',
  'SOMA_EMBEDDING_JOIN_HASH',
];

/** The service's settings for an embedder; the server's address comes from the environment. */
export function embedderSettings(
  embedder: 'hash' | 'openai',
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  if (embedder === 'hash') return { SOMA_EMBEDDING_PROVIDER: 'hash' };
  const url = environment.SOMA_EMBEDDING_URL ?? environment.SOMA_TEST_EMBEDDING_URL;
  if (url === undefined) {
    throw new Error(
      '--embedder openai needs SOMA_EMBEDDING_URL, such as http://127.0.0.1:8181/v1/embeddings',
    );
  }
  const given = PASSED_ON.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    SOMA_EMBEDDING_PROVIDER: 'openai',
    SOMA_EMBEDDING_URL: url,
    ...DEFAULTS,
    ...(Object.fromEntries(given) as Record<string, string>),
  };
}
