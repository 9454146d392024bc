import { createInterface } from 'node:readline';
import type { CliIo, ParsedArguments } from './command.ts';
import { wrapText } from './table.ts';

/** Asks on the terminal and gives the typed line, trimmed; null where there is no terminal. */
export type AskLine = (question: string, signal: AbortSignal) => Promise<string | null>;

/** Asks on this program's terminal; Ctrl-C and Ctrl-D are an empty answer. */
export async function askOnTerminal(question: string, signal: AbortSignal): Promise<string | null> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return null;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const close = (): void => lines.close();
  const [above, last] = questionRows(question, process.stdout.columns);
  signal.addEventListener('abort', close);
  try {
    return await new Promise((resolve) => {
      // A closed terminal never answers the question itself.
      lines.once('close', () => resolve(''));
      lines.once('SIGINT', close);
      process.stdout.write(above);
      lines.question(last, (answer) => resolve(answer.trim()));
    });
  } finally {
    signal.removeEventListener('abort', close);
    lines.close();
  }
}

/** A typed word begins on the row of the question; a longer one goes on in the next. */
const ROOM = 12;

/** A question that is longer than a row: the rows above the last one, and that one, which the answer follows. */
export function questionRows(question: string, columns: number): readonly [string, string] {
  const rows = wrapText(question.trimEnd(), Math.max(columns - ROOM, 2 * ROOM));
  const last = rows.pop() ?? '';
  return [rows.map((row) => `${row}\n`).join(''), `${last} `];
}

/** True for `y` and `yes`; any other answer means no. */
export function isYes(answer: string): boolean {
  return /^y(?:es)?$/i.test(answer);
}

/**
 * Asks whether to go on, where `--yes` does not say so. Where it is not wanted, or nobody can be asked, it says that
 * nothing is `done` (a participle: `Nothing is removed.`).
 */
export async function isAgreed(
  question: string,
  done: string,
  given: ParsedArguments,
  io: CliIo,
  ask: AskLine = askOnTerminal,
): Promise<boolean> {
  const answer = given.has('yes') ? 'y' : await ask(`${question} [y/N] `, io.signal);
  if (answer !== null && isYes(answer)) return true;
  const why = answer === null ? ': there is no terminal to ask on; add --yes.' : '.';
  io.err(`Nothing is ${done}${why}`);
  return false;
}
