/** What a command ends with: 0 healthy, 1 something is not, 2 usage or config, 3 no monitor runs. */
export type ExitCode = 0 | 1 | 2 | 3;

/** One command of the `pm2-liveness` program, as data. */
export interface CliCommand {
  readonly name: string;
  /** What it does, in one line of the help. */
  readonly summary: string;
  readonly usage: string;
  /** Data goes to `out`, everything else to `err`; never exits by itself. */
  run(args: readonly string[], io: CliIo): Promise<ExitCode>;
}

/** Where a command writes; a line each. */
export interface CliIo {
  out(line: string): void;
  err(line: string): void;
}
