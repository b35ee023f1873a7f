import type { SettingDescription } from '@soma/config';

const WIDTH = 98;

/** `.env.example`: every setting, commented out, with its default as the value. */
export function envExample(settings: readonly SettingDescription[]): string {
  const head =
    '# Every setting of SomaFractalMemory. Nothing has to be set to run the embedded stack.\n' +
    '# Copy to .env and take away the # of what you want to change. Generated: npm run docs:generate\n';
  const entries = settings.map(({ name, description, accepts, default: fallback }) => {
    const said = wrap(
      accepts === 'text' ? description : `${description} Accepts ${plain(accepts)}.`,
      WIDTH - 2,
    );
    return `\n${said.map((line) => `# ${line}`).join('\n')}\n# ${name}=${fallback ?? ''}\n`;
  });
  return head + entries.join('');
}

/** `docs/configuration.md`. */
export function configurationPage(settings: readonly SettingDescription[]): string {
  const head = `# Configuration

<!-- Generated from libs/config/src/settings.ts by \`npm run docs:generate\`. -->

Settings are environment variables, read once at start. A file \`.env\` in the working folder is read
too; the environment wins. An empty value counts as not set. What is wrong is named, all of it at
once, and nothing is started.

\`SOMA_POSTGRES_URL\`, \`SOMA_MILVUS_ADDRESS\` and \`SOMA_REDIS_URL\` each switch one part from the embedded
stack to a server; with none of them everything runs in one process.
`;
  const entries = settings.map(
    ({ name, description, accepts, default: fallback }) =>
      `\n## ${name}\n\n${wrap(description, WIDTH).join('\n')}\n\n` +
      `- Default: ${fallback === undefined ? 'none' : `\`${fallback}\``}\n- Accepts: ${accepts}\n`,
  );
  return head + entries.join('');
}

function plain(markdown: string): string {
  return markdown.replaceAll('`', '');
}

function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}
