// Controls of the terminal (C0, DEL, C1), directions that reorder what is read (bidi), and line
// separators: a stored text must not be able to move the cursor or to disguise itself.
const UNSAFE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

const escaped = (char: string): string =>
  `\\u{${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`;

/** The text on one line: white space becomes one space, other controls become visible escapes. */
export function printable(text: string): string {
  return text.replace(/\s+/gu, ' ').trim().replace(UNSAFE, escaped);
}

/** Like `printable`, but line ends and tabs stay. */
export function printableLines(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(UNSAFE, (char) => (char === '\n' || char === '\t' ? char : escaped(char)));
}
