import type { Style } from './style.ts';

/** What a command ends with: 0 healthy, 1 something is not, 2 usage or config, 3 no monitor runs. */
export type ExitCode = 0 | 1 | 2 | 3;

/** One option of a command, as `--name` or `-short`. */
export interface CliOption {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  /** What a value is called in the help: `<duration>`; for `string` only. */
  readonly value?: string;
  readonly summary: string;
}

/** One command of the `pm2-liveness` program, as data. */
export interface CliCommand {
  readonly name: string;
  /** What it does, in one line of the help. */
  readonly summary: string;
  /** The words after its name: `[app]`, `<app>`, `[target…]`. */
  readonly arguments: readonly CliArgument[];
  readonly options: Readonly<Record<string, CliOption>>;
  /** Lines a person could type, each with what it is for. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  /** Data goes to `out`, everything else to `err`; never exits by itself. */
  run(given: ParsedArguments, io: CliIo): Promise<ExitCode>;
}

/** One word after the name of a command. */
export interface CliArgument {
  readonly name: string;
  readonly isRequired: boolean;
  /** Takes all that is left; the last one only. */
  readonly isMany?: boolean;
  /** What completions offer. */
  readonly completes?: 'app' | 'file' | readonly string[];
}

/** What was typed, checked against the command. */
export interface ParsedArguments {
  readonly words: readonly string[];
  readonly has: (option: string) => boolean;
  /** The value of an option; undefined where it was not given. */
  readonly valueOf: (option: string) => string | undefined;
}

/** Where a command writes, a line each, and what it may know of the terminal. */
export interface CliIo {
  out(line: string): void;
  err(line: string): void;
  /** Clears what is on the screen; only where `isTerminal`. */
  clear(): void;
  readonly style: Style;
  /** True where a person looks at what goes to `out`. */
  readonly isTerminal: boolean;
  /** The width of a line on the terminal as it is now; `Infinity` where `out` is a file or a pipe. */
  readonly columns: number;
  /** Aborted when the person wants to end (Ctrl-C). */
  readonly signal: AbortSignal;
}
