/** How much of a detail is kept; a line in `pm2 logs` stays readable with it. */
const MAX_DETAIL_CHARS = 200;

/** Terminal escape sequences: colours, cursor moves, window titles. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const ESCAPE_SEQUENCE = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?)/g;

/** Control, format (bidi overrides, zero width), private and broken characters, and white space. */
const HARMFUL = /[\s\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/** Half of a character beyond 16 bits, where a text was cut in the middle of it; or a space there. */
const BROKEN_END = /[\s\uD800-\uDBFF]$/;

/** What most details are: words of plain ASCII, one space apart. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;

/**
 * Text from a stranger made fit for a log line or a terminal: one line, nothing that a terminal
 * would obey, at most `maxChars` characters (an ellipsis tells that there was more).
 */
export function oneLine(text: string, maxChars = MAX_DETAIL_CHARS): string {
  if (text.length <= maxChars && PLAIN.test(text)) return text;
  // The first cut bounds the work of the expressions, however long the text.
  const head = text.slice(0, maxChars * 8).replace(ESCAPE_SEQUENCE, '');
  const line = head.replace(HARMFUL, ' ').trim();
  if (line.length <= maxChars) return line;
  return `${line.slice(0, maxChars - 1).replace(BROKEN_END, '')}…`;
}
