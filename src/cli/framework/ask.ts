import { createInterface } from 'node:readline';

/** Asks on the terminal and gives the typed line, trimmed; null where there is no terminal. */
export type AskLine = (question: string, signal: AbortSignal) => Promise<string | null>;

/** Asks on this program's terminal; Ctrl-C and Ctrl-D are an empty answer. */
export async function askOnTerminal(question: string, signal: AbortSignal): Promise<string | null> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return null;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const close = (): void => lines.close();
  signal.addEventListener('abort', close);
  try {
    return await new Promise((resolve) => {
      // A closed terminal never answers the question itself.
      lines.once('close', () => resolve(''));
      lines.once('SIGINT', close);
      lines.question(question, (answer) => resolve(answer.trim()));
    });
  } finally {
    signal.removeEventListener('abort', close);
    lines.close();
  }
}

/** True for `y` and `yes`; any other answer means no. */
export function isYes(answer: string): boolean {
  return /^y(?:es)?$/i.test(answer);
}
