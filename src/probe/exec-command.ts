import type { Options, ResultPromise, execa as Execa } from 'execa';
import { OutputTail } from './output-tail.ts';
import type { ExecOptions } from './probe.ts';

/** What a command gets between the request to end and the order. */
const KILL_DELAY_MS = 500;

/** How long output may still trickle in from a stranger that holds the pipe after the exit. */
const OUTPUT_GRACE_MS = 200;

/** Windows has no process groups; there only the command itself is ended. */
const HAS_GROUPS = process.platform !== 'win32';

/** What execa is told; `reject: false` makes an end a value. */
interface CommandOptions extends Options {
  readonly reject: false;
  readonly buffer: false;
}

/** How a command came to its end. */
export type CommandEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'notStarted'; readonly code: string | undefined; readonly message: string };

/**
 * One command under way, the leader of a process group of its own where the system has groups: a
 * check is often a shell script, and ending only the shell would leave its `curl` or `sleep`
 * behind at every deadline. The group also means that nothing outlives the command's exit.
 */
export class Command {
  /** Settles with the exit and the output; never rejects. */
  readonly end: Promise<CommandEnd>;
  /** Settles when the process itself is gone; never rejects. */
  readonly gone: Promise<unknown>;
  readonly output = new OutputTail();
  readonly #child: ResultPromise<CommandOptions>;
  #killTimer: NodeJS.Timeout | undefined;

  constructor(execa: typeof Execa, options: ExecOptions) {
    const settings: CommandOptions = {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...options.env },
      stdin: 'ignore',
      detached: HAS_GROUPS,
      forceKillAfterDelay: KILL_DELAY_MS,
      reject: false,
      buffer: false,
    };
    const child = execa(options.file, [...options.args], settings);
    this.#child = child;
    child.stdout?.on('data', (part: Buffer) => this.output.add(part));
    child.stderr?.on('data', (part: Buffer) => this.output.add(part));
    this.end = this.#waitForEnd();
    this.gone = Promise.race([this.end, new Promise((resolve) => child.once('exit', resolve))]);
  }

  /** Asks the whole group to end, and orders it a moment later. Idempotent. */
  terminate(): void {
    if (this.#killTimer !== undefined) return;
    this.#killTimer = setTimeout(() => this.kill(), KILL_DELAY_MS);
    if (HAS_GROUPS) this.#signalGroup('SIGTERM');
    else this.#child.kill();
  }

  /** Orders the whole group to end, at once. Idempotent. */
  kill(): void {
    clearTimeout(this.#killTimer);
    if (HAS_GROUPS) this.#signalGroup('SIGKILL');
    else this.#child.kill('SIGKILL');
  }

  async #waitForEnd(): Promise<CommandEnd> {
    const child = this.#child;
    const exit = new Promise<CommandEnd>((resolve) => {
      child.once('exit', (exitCode, signal) => {
        this.#sweepGroup();
        const end: CommandEnd =
          exitCode === null
            ? { kind: 'signalled', signal: String(signal) }
            : { kind: 'exited', exitCode };
        const grace = setTimeout(() => {
          child.stdout?.destroy();
          child.stderr?.destroy();
          resolve(end);
        }, OUTPUT_GRACE_MS);
        child.once('close', () => {
          clearTimeout(grace);
          resolve(end);
        });
      });
    });
    if (child.pid !== undefined) {
      // The result is read off the events; this only keeps a failure of execa's own from escaping.
      child.catch(() => undefined);
      return exit;
    }
    const result = await child;
    const message = result.originalMessage ?? 'it could not be started';
    return { kind: 'notStarted', code: result.code, message };
  }

  /** After the exit: what is left of the group goes too, now or when its respite is over. */
  #sweepGroup(): void {
    if (!HAS_GROUPS) return clearTimeout(this.#killTimer);
    if (this.#killTimer === undefined) this.#signalGroup('SIGKILL');
    else if (!this.#signalGroup(0)) clearTimeout(this.#killTimer);
  }

  /** Returns whether anyone was there to get it. */
  #signalGroup(signal: NodeJS.Signals | 0): boolean {
    const { pid } = this.#child;
    if (pid === undefined) return false;
    try {
      return process.kill(-pid, signal);
    } catch {
      return false; // ESRCH: the group is empty, which is what was wanted
    }
  }
}
