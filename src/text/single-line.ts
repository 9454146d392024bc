import { sanitize } from './sanitize.ts';

/** How much of a detail is kept: a line in `pm2 logs` stays readable with it. */
const MAX_DETAIL_CHARS = 200;

/** How much of a command line is kept: enough to recognize it. */
const MAX_COMMAND_CHARS = 200;

/** What most details are: words of plain ASCII, one space apart. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;

/** Half of a character beyond 16 bits, where a text was cut in the middle of it. */
const HALF = /[\uD800-\uDBFF]$/;

/** The same, or a space. */
const HALF_OR_SPACE = /[\s\uD800-\uDBFF]$/;

/**
 * A text of others as one line for a log or a terminal, with nothing that a terminal would obey: at
 * most `maxChars` characters, with an ellipsis where there was more.
 */
export function singleLine(text: string, maxChars = MAX_DETAIL_CHARS): string {
  if (text.length <= maxChars && PLAIN.test(text)) return text;
  // The first cut bounds the work of the rules, however long the text is.
  const line = sanitize('detail', text.slice(0, maxChars * 8)).trim();
  return shorten(line, maxChars, HALF_OR_SPACE);
}

/** The command line of a foreign process as one line that is safe to print, at most 200 characters long. */
export function singleLineCommand(command: string): string {
  // Cut before as well: an argument may be megabytes long.
  const line = sanitize('command', command.slice(0, MAX_COMMAND_CHARS * 4)).trim();
  return shorten(line, MAX_COMMAND_CHARS, HALF);
}

function shorten(line: string, maxChars: number, brokenEnd: RegExp): string {
  if (line.length <= maxChars) return line;
  return `${line.slice(0, maxChars - 1).replace(brokenEnd, '')}…`;
}
