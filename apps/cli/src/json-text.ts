import { usageError } from './cli-error.js';

/** JSON exactly as it was written, so that no number in it changes on its way to the API. */
export class JsonText {
  private constructor(
    readonly text: string,
    readonly value: unknown,
  ) {}

  /** @throws CliError naming `source` when the text is not JSON. */
  static parse(text: string, source: string): JsonText {
    try {
      return new JsonText(text.trim(), JSON.parse(text));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw usageError(
        `${source} is not valid JSON: ${reason}`,
        `Quote it for the shell, like ${source} '{"key":"value"}', or read it from a file: ${source} @file.json`,
      );
    }
  }
}

/** A JSON object with these fields; those that are undefined are left out. */
export function jsonObject(fields: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const text = value instanceof JsonText ? value.text : JSON.stringify(value);
      return `${JSON.stringify(name)}:${text}`;
    });
  return `{${members.join(',')}}`;
}
