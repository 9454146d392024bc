import { sanitizeLine } from '../../text/sanitize.ts';
import type { CliIo } from './command.ts';
import { wrapText } from './table.ts';

/** Prints a message, which may hold words of others, at the width of the terminal; `paint` for each line. */
export function printMessage(
  text: string,
  io: Pick<CliIo, 'out' | 'columns'>,
  paint = (line: string): string => line,
): void {
  for (const line of messageLines(sanitizeLine(text), io.columns)) io.out(paint(line));
}

/**
 * A message as lines of at most this many columns. A line of it that begins with a space is something to copy,
 * and stays whole.
 */
export function messageLines(text: string, columns: number): string[] {
  return text
    .split('\n')
    .flatMap((line) => (line.startsWith(' ') ? [line] : wrapText(line, columns)));
}
