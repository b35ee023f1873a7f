/** Names every setting that is wrong, what was found missing, and where settings are explained. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(
      `The configuration is not valid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}\n` +
        'Each setting is explained in docs/configuration.md.',
    );
    this.name = 'ConfigError';
  }
}
