import type { Command, Option } from 'commander';
import { examplesOf } from './examples.js';
import { EXIT_MEANINGS } from './exit-codes.js';

export const REFERENCE_BEGIN = '<!-- reference: begin -->';
export const REFERENCE_END = '<!-- reference: end -->';

/** The part of docs/cli.md that follows from the program itself, as markdown. */
export function commandReference(program: Command): string {
  const sections = [
    '## Flags of every command',
    optionTable(program.options),
    '## Commands',
    ...leavesOf(program).map((command) => commandSection(program, command)),
    '## Exit codes',
    exitCodeTable(),
  ];
  return sections.join('\n\n');
}

/** The document with its reference made anew. */
export function withReference(document: string, reference: string): string {
  const begin = document.indexOf(REFERENCE_BEGIN);
  const end = document.indexOf(REFERENCE_END);
  if (begin < 0 || end < begin) {
    throw new Error(`The document lacks the lines ${REFERENCE_BEGIN} and ${REFERENCE_END}.`);
  }
  const before = document.slice(0, begin + REFERENCE_BEGIN.length);
  return `${before}\n\n${reference}\n\n${document.slice(end)}`;
}

function leavesOf(command: Command): readonly Command[] {
  return command.commands.flatMap((child) => (child.commands.length ? leavesOf(child) : [child]));
}

function commandSection(program: Command, command: Command): string {
  const options = command.options.filter((option) => !option.hidden);
  const usage = [nameOf(program, command), command.usage()].join(' ');
  const examples = examplesOf(command);
  return [
    `### ${nameOf(program, command)}`,
    `${capitalised(command.description())}.`,
    `\`${usage}\``,
    ...(options.length ? [optionTable(options)] : []),
    ...(examples.length ? [`\`\`\`sh\n${examples.join('\n')}\n\`\`\``] : []),
  ].join('\n\n');
}

function nameOf(program: Command, command: Command): string {
  const { parent } = command;
  return parent && command !== program
    ? `${nameOf(program, parent)} ${command.name()}`
    : command.name();
}

function optionTable(options: readonly Option[]): string {
  const rows = options.map((option) => [`\`${option.flags}\``, meaningOf(option)]);
  return markdownTable(['flag', 'meaning'], rows);
}

function meaningOf({ description, argChoices, defaultValue, mandatory }: Option): string {
  const choices = argChoices ? `: ${argChoices.map((choice) => `\`${choice}\``).join(', ')}` : '';
  const fallback = defaultValue === undefined || defaultValue === true ? '' : ` (${defaultValue})`;
  return `${description}${choices}${fallback}${mandatory ? '; needed' : ''}`.replaceAll('|', '\\|');
}

function exitCodeTable(): string {
  const rows = EXIT_MEANINGS.map(([code, meaning]) => [String(code), meaning]);
  return markdownTable(['code', 'meaning'], rows);
}

/** Padded as prettier pads it, so that formatting the document changes nothing. */
function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = titles.map((title, at) =>
    Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const lineOf = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  return [titles, rule, ...rows].map(lineOf).join('\n');
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
