import type { Style } from './style.ts';

/** The exit codes: 0 healthy, 1 something is not, 2 usage or config, 3 no monitor runs. */
export type ExitCode = 0 | 1 | 2 | 3;

/** One option of a command, as `--name` or `-short`. */
export interface CliOption {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  /** The placeholder of the value in the help: `<duration>`; only for `string`. */
  readonly value?: string;
  /** True where it may be given several times. */
  readonly isMany?: true;
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
  /** Example lines, each with its meaning. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  /** Data goes to `out`, everything else to `err`; never exits by itself. */
  run(given: ParsedArguments, io: CliIo): Promise<ExitCode>;
}

/** One word after the name of a command. */
export interface CliArgument {
  readonly name: string;
  readonly isRequired: boolean;
  /** True where it takes all further words; only for the last argument. */
  readonly isMany?: boolean;
  /** What completions offer. */
  readonly completes?: 'app' | 'unwatched' | 'file' | readonly string[];
}

/** The typed words, checked against the command. */
export interface ParsedArguments {
  readonly words: readonly string[];
  readonly has: (option: string) => boolean;
  /** The value of an option, the last one where it was given several times; undefined where it was not given. */
  readonly valueOf: (option: string) => string | undefined;
  /** All its values, in order. */
  readonly valuesOf: (option: string) => readonly string[];
}

/** Where a command writes its lines, and the properties of the terminal. */
export interface CliIo {
  out(line: string): void;
  err(line: string): void;
  /** Clears the screen; only where `isTerminal`. */
  clear(): void;
  readonly style: Style;
  /** True where `out` is a terminal. */
  readonly isTerminal: boolean;
  /** The present width of the terminal; `Infinity` where `out` is a file or a pipe. */
  readonly columns: number;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
}
