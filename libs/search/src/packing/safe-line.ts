/** Marks that turn or hide text, and letters nobody sees; joiners belong to scripts and emoji. */
const UNSEEN =
  /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
/** Whatever some reader takes for the end of a line, and other controls. */
const BREAKS = /[\s\p{Cc}\u2028\u2029]+/gu;
/**
 * Numbers, or an id, in brackets; those of other widths look alike. Repeats have limits, so that
 * no text takes more than linear time.
 */
const CITATION =
  /[[［【〔⟦]([\s\p{Pd}\p{Po}]{0,9}(?:\p{N}[\s\p{N}\p{Pd}\p{Po}]{0,120}|[\da-f]{8}-[\da-f-]{9,27}[\s\p{Po}]{0,9}))[\]］】〕⟧]/giu;

/**
 * Stored text as one line that cannot pass for more than it is: no line break, control or invisible
 * character is left, what looks like a citation (`[3]`, `[018f…]`) stands in parentheses, and marks
 * of chat turns (`<|im_start|>`) are taken apart. A second time changes nothing. Linear time.
 */
export function safeLine(text: string): string {
  return text
    .replace(UNSEEN, '')
    .replace(BREAKS, ' ')
    .trim()
    .replace(CITATION, '($1)')
    .replaceAll('<|', '< |')
    .replaceAll('|>', '| >');
}
