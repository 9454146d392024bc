import { createInterface } from 'node:readline';

/** Asks a question on the terminal; null where there is nobody to answer. */
export type Ask = (question: string, signal: AbortSignal) => Promise<boolean | null>;

/** Asks whoever sits at this program's terminal; Ctrl-C and Ctrl-D are a no. */
export const askOnTerminal: Ask = async (question, signal) => {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return null;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const close = (): void => lines.close();
  signal.addEventListener('abort', close);
  try {
    return await new Promise((resolve) => {
      // Where it is closed, the question itself is never answered.
      lines.once('close', () => resolve(false));
      lines.once('SIGINT', close);
      lines.question(question, (answer) => resolve(/^y(?:es)?$/i.test(answer.trim())));
    });
  } finally {
    signal.removeEventListener('abort', close);
    lines.close();
  }
};
