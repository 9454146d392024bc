/** How much of a command line is kept: enough to recognize it by. */
const MAX_LENGTH = 200;

/** Control characters, also those that change the direction of text: a stranger chose them, a terminal shows them. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu;

/** A command of a foreign process as one line that is safe to print, at most 200 characters long. */
export function oneLine(command: string): string {
  // Cut before as well: an argument may be megabytes long.
  const text = command
    .slice(0, MAX_LENGTH * 4)
    .replaceAll(UNSAFE, ' ')
    .trim();
  if (text.length <= MAX_LENGTH) return text;
  // A character beyond 16 bits may be cut in two.
  return `${text.slice(0, MAX_LENGTH - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
