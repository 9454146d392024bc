import { sanitize } from './sanitize.ts';

/** How much of a detail is kept, so that a line in `pm2 logs` stays readable. */
const MAX_DETAIL_CHARS = 200;

/** How much of a command line is kept: enough to recognize it. */
const MAX_COMMAND_CHARS = 200;

/** Most details: words of plain ASCII, separated by one space. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;

/** Half of a character beyond 16 bits, which a cut can leave. */
const HALF = /[\uD800-\uDBFF]$/;

/** The same, or a space. */
const HALF_OR_SPACE = /[\s\uD800-\uDBFF]$/;

/**
 * A text from outside as one safe line for a log or a terminal: at most `maxChars` characters, with an
 * ellipsis where it was longer.
 */
export function singleLine(text: string, maxChars = MAX_DETAIL_CHARS): string {
  if (text.length <= maxChars && PLAIN.test(text)) return text;
  // The first cut bounds the work for a text of any length.
  const line = sanitize('detail', text.slice(0, maxChars * 8)).trim();
  return shorten(line, maxChars, HALF_OR_SPACE);
}

/** The command line of a foreign process as one line that is safe to print, at most 200 characters long. */
export function singleLineCommand(command: string): string {
  // Also cut before, because an argument may be megabytes long.
  const line = sanitize('command', command.slice(0, MAX_COMMAND_CHARS * 4)).trim();
  return shorten(line, MAX_COMMAND_CHARS, HALF);
}

function shorten(line: string, maxChars: number, brokenEnd: RegExp): string {
  if (line.length <= maxChars) return line;
  return `${line.slice(0, maxChars - 1).replace(brokenEnd, '')}…`;
}
