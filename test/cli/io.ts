import type { CliIo } from '../../src/cli/framework/command.ts';
import { styleFor } from '../../src/cli/framework/style.ts';

/** A pipe that keeps what is written. */
export class FakeIo implements CliIo {
  readonly outLines: string[] = [];
  readonly errLines: string[] = [];
  readonly style = styleFor(false, { noColor: true, forceColor: false }, false);
  readonly isTerminal = false;
  readonly columns = Infinity;
  readonly signal = new AbortController().signal;

  out(line: string): void {
    this.outLines.push(line);
  }

  err(line: string): void {
    this.errLines.push(line);
  }

  clear(): void {
    throw new Error('only a terminal is cleared');
  }
}
