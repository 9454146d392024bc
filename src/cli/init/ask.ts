import { createInterface } from 'node:readline/promises';

/** Asks a question on the terminal; null where there is nobody to answer. */
export type Ask = (question: string, signal: AbortSignal) => Promise<boolean | null>;

/** Asks whoever sits at this program's terminal. */
export const askOnTerminal: Ask = async (question, signal) => {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return null;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(?:es)?$/i.test((await lines.question(question, { signal })).trim());
  } catch {
    return false; // Ctrl-C, or the end of the input
  } finally {
    lines.close();
  }
};
