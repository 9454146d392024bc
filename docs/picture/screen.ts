import { execa } from 'execa';

/** What stands on a terminal, a line each, with its colours as ANSI has them. */
export type Screen = readonly string[];

/** Its prompt tells neither who types nor where. */
const SHELL = "env PS1='$ ' bash --norc --noprofile";

/** A terminal of its own that a program draws on, held by tmux. */
export class Terminal {
  readonly #server: string;

  private constructor(server: string) {
    this.#server = server;
  }

  /** Opens one of this size, with a shell in it whose environment this is. */
  static async open(
    name: string,
    rows: number,
    columns: number,
    env: Readonly<Record<string, string>>,
  ): Promise<Terminal> {
    const terminal = new Terminal(`pl-picture-${process.pid}-${name}`);
    const size = ['-x', String(columns), '-y', String(rows)];
    // `-f`: nothing of what the person here has set.
    const words = ['-f', '/dev/null', 'new-session', '-d', ...size, SHELL];
    await execa('tmux', ['-L', terminal.#server, ...words], { env });
    await terminal.#tmux('set', 'status', 'off');
    return terminal;
  }

  /** Types a line, without the Enter. */
  async type(line: string): Promise<void> {
    await this.#tmux('send-keys', '-l', line);
  }

  async enter(): Promise<void> {
    await this.#tmux('send-keys', 'Enter');
  }

  /** What stands on it now. */
  async look(): Promise<Screen> {
    return (await this.#tmux('capture-pane', '-p', '-e')).split('\n');
  }

  async close(): Promise<void> {
    await this.#tmux('kill-server').catch(() => undefined);
  }

  async #tmux(...words: readonly string[]): Promise<string> {
    const { stdout } = await execa('tmux', ['-L', this.#server, ...words], {
      stripFinalNewline: false,
    });
    return stdout.replace(/\n$/, '');
  }
}
