import { badSetting, badValue, show } from '../bad-value.ts';

/** A program and its arguments. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/** Pipes, lists, redirections and substitutions, which a program would get as plain arguments. */
const SHELL_WORD = /^[|&;]+$|;$|^\d?[<>]|`|\$\(/;
/** The part of such a word that is shell syntax, and so no secret. */
const SHELL_PART = /[|&;]+|\d?[<>]+|`|\$\(/;
const QUOTE = /^["']/;
/** `PGPASSWORD=… psql`: a shell reads it as a variable, the system as the name of a program. */
const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*=/;

/**
 * The program and arguments of `['pg_isready', '-h', 'db']` or `'pg_isready -h db'`. There is no
 * shell: a text is split at spaces, and a backslash keeps the space after it (as execa's
 * `parseCommandString` does). Throws ERR_CONFIG.
 */
export function parseCommand(input: unknown): Command {
  const words = typeof input === 'string' ? splitCommand(input) : input;
  if (!Array.isArray(words)) throw badValue(input, "write 'command arg' or ['command', 'arg']");
  const [file, ...args] = words.map(parseWord);
  if (file === undefined || file === '') throw badValue(input, 'write the command to run');
  if (ASSIGNMENT.test(file)) {
    throw badSetting(
      'begins with a variable, but no shell runs this; write it in { command, env: { NAME: … } }',
    );
  }
  return { file, args };
}

/**
 * The words of a command in one text. Throws ERR_CONFIG without showing a word, because it may be a password.
 */
export function splitCommand(text: string): readonly string[] {
  // Only spaces separate words; `(?:\\ |[^ ])+` includes an escaped space.
  const words = text.trim().match(/(?:\\ |[^ ])+/g) ?? [];
  const shell = words.find((word) => SHELL_WORD.test(word) || QUOTE.test(word));
  if (shell === undefined) return words.map((word) => word.replaceAll('\\ ', ' '));
  const isQuoted = QUOTE.test(shell);
  const part = (isQuoted ? shell[0] : SHELL_PART.exec(shell)?.[0]) ?? '';
  const what = isQuoted ? 'quotes are not read' : 'no shell runs this';
  const want = "write ['command', 'arg one'], or ['sh', '-c', '…'] for a shell";
  throw badSetting(`got ${show(part)} in a command, but ${what}; ${want}`);
}

function parseWord(word: unknown, index: number): string {
  if (typeof word !== 'string') {
    throw badSetting(`got ${show(word)} as item ${index + 1} of the command; write it as text`);
  }
  if (word.includes('\0')) throw badSetting('got a NUL character in the command; drop it');
  return word;
}
