import type { PackFormat } from './pack-item.js';
import type { Period } from './period.js';

/** How the lines of a context are written. Nothing it gives has a line break in it. */
export interface LineStyle {
  /** First and last line, if there are any. */
  readonly open?: string;
  readonly close?: string;
  /** Stand above the lines of a time, the wider first; without them each line says its own. */
  headings?(period: Period): readonly string[];
  line(cites: readonly string[], text: string, time: string | undefined): string;
}

const marked = (cites: readonly string[]): string => cites.map((cite) => `[${cite}]`).join('');
const dated = (text: string, time: string | undefined): string =>
  time === undefined ? text : `${time}: ${text}`;

const MARKDOWN_SIGN = /[\\`*_[\]<>~|&]/g;
/** What would begin a heading, a list, a quotation or a table. */
const MARKDOWN_START = /^(?:[#+=-]|\d+(?=[.)]))/;

const forMarkdown = (text: string): string =>
  text
    .replace(MARKDOWN_SIGN, String.raw`\$&`)
    .replace(MARKDOWN_START, (start) => (/\d/.test(start) ? `${start}\\` : `\\${start}`));

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
/** No entity stands for these: XML 1.0 does not have them. */
const NOT_XML = /[\ufffe\uffff]/g;

const forXml = (text: string): string =>
  text.replace(NOT_XML, '').replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);

export const LINE_STYLES: Readonly<Record<PackFormat, LineStyle>> = {
  text: {
    headings: ({ year, short }) => [year, short],
    line: (cites, text, time) => `${marked(cites)} ${dated(text, time)}`,
  },
  markdown: {
    headings: ({ year, short }) => [`## ${year}`, `### ${short}`],
    line: (cites, text, time) => `- ${marked(cites)} ${dated(forMarkdown(text), time)}`,
  },
  xml: {
    open: '<memories>',
    close: '</memories>',
    line: (cites, text, time) =>
      `<memory cite="${cites.join(' ')}" date="${time ?? ''}">${forXml(text)}</memory>`,
  },
  jsonl: {
    line: (cites, text, time) => JSON.stringify({ cite: cites, date: time, text }),
  },
};
