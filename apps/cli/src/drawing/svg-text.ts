/** What XML 1.0 cannot hold, and marks that turn or hide what is written beside them. */
const UNFIT = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Any text as character data or an attribute of an SVG: shown, never read as markup. */
export const svgText = (text: string): string =>
  text
    .toWellFormed()
    .replace(UNFIT, ' ')
    .replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '');

/** Cuts a text into lines of at most `width` characters, at words; the last of too many ends with `…`. */
export function wrapped(text: string, width: number, lines: number): string[] {
  const words = text.replace(UNFIT, ' ').split(/\s+/).filter(Boolean);
  const made: string[] = [];
  let line = '';
  for (const word of words) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (length(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') made.push(line);
    line = length(word) <= width ? word : cut(word, width);
    if (made.length === lines) break;
  }
  if (line !== '') made.push(line);
  const shown = made.slice(0, lines);
  const last = shown.at(-1);
  if (made.length <= lines || last === undefined) return shown;
  return [...shown.slice(0, -1), cut(`${last} …`, width)];
}

/** East Asian characters are twice as wide. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;
const length = (text: string): number =>
  [...text].reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0);

function cut(text: string, width: number): string {
  if (length(text) <= width) return text;
  const kept: string[] = [];
  let left = width - 1;
  for (const character of text) {
    left -= length(character);
    if (left < 0) break;
    kept.push(character);
  }
  return `${kept.join('').trimEnd()}…`;
}
