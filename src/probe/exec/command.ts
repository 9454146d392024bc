import type { ResultPromise, execa as Execa } from 'execa';
import { OwnGroup } from '../../os/signal/own-group.ts';
import { startCommand, type CommandOptions, type NotStarted } from './start.ts';
import type { ExecOptions } from '../probe.ts';
import type { Runner } from './run-as.ts';

/** What a command gets between the request to end and the order. */
const KILL_DELAY_MS = 500;

/** How long output may still trickle in from a stranger that holds the pipe after the exit. */
const OUTPUT_GRACE_MS = 200;

/** How much of a command's output is kept: the end, where the reason stands. */
const MAX_TAIL_BYTES = 4 * 1024;

/** Windows has no process groups; there only the command itself is ended. */
const HAS_GROUPS = process.platform !== 'win32';

/** How a command came to its end. */
export type CommandEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | NotStarted;

/**
 * One command under way, the leader of a process group of its own where the system has groups: a
 * check is often a shell script, and ending only the shell would leave its `curl` or `sleep`
 * behind at every deadline. The group also means that nothing outlives the command's exit. A
 * command that has ended is forgotten, because its pid may be another's from then on.
 */
export class Command {
  /** Settles with the exit and the output; never rejects. */
  readonly end: Promise<CommandEnd>;
  /** Settles when the process itself is gone; never rejects. */
  readonly gone: Promise<unknown>;
  readonly output = new OutputTail();
  /** Sends to what is still proven to be ours. */
  #signal: (signal: 'SIGTERM' | 'SIGKILL') => void = () => undefined;
  #group: OwnGroup | null = null;
  #isEnding = false;
  #killTimer: NodeJS.Timeout | undefined;

  /** `runner` null runs it as ourselves with our environment. */
  constructor(execa: typeof Execa, options: ExecOptions, runner: Runner | null) {
    const settings = settingsOf(options, runner);
    const started = startCommand(execa, options.file, options.args, settings);
    const { child } = started;
    if (child === null) {
      this.end = started.reason;
      this.gone = started.reason;
      return;
    }
    if (HAS_GROUPS) {
      const group = new OwnGroup(started.pid);
      this.#group = group;
      this.#signal = (signal) => void group.signal(signal);
    } else {
      // By Node's own handle, which it gives up with the exit.
      this.#signal = (signal) => void child.kill(signal);
    }
    child.stdout?.on('data', (part: Buffer) => this.output.add(part));
    child.stderr?.on('data', (part: Buffer) => this.output.add(part));
    this.end = this.#waitForEnd(child);
    this.gone = Promise.race([this.end, new Promise((resolve) => child.once('exit', resolve))]);
  }

  /** Asks the whole group to end, and orders it a moment later. Idempotent. */
  terminate(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#killTimer = setTimeout(() => this.kill(), KILL_DELAY_MS);
    this.#signal('SIGTERM');
  }

  /** Orders the whole group to end, at once. Idempotent. */
  kill(): void {
    this.#isEnding = true;
    this.#stopWaiting();
    this.#signal('SIGKILL');
  }

  #waitForEnd(child: ResultPromise<CommandOptions>): Promise<CommandEnd> {
    return new Promise((resolve) => {
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
  }

  /** At the exit: what is left of the group goes too, now or when its grace is over. */
  #sweepGroup(): void {
    const mayWait = this.#killTimer !== undefined;
    if (this.#group?.leaderEnded({ mayWait }) !== true) this.#stopWaiting();
  }

  #stopWaiting(): void {
    clearTimeout(this.#killTimer);
    this.#killTimer = undefined;
  }
}

function settingsOf({ cwd, env }: ExecOptions, runner: Runner | null): CommandOptions {
  return {
    ...(cwd === undefined ? {} : { cwd }),
    // The app's environment in place of ours, with the block's own on top.
    ...(runner === null ? {} : { extendEnv: false }),
    env: { ...runner?.env, ...env },
    // With a user Node drops all supplementary groups, root's too.
    ...runner?.user,
    stdin: 'ignore',
    detached: HAS_GROUPS,
    reject: false,
    buffer: false,
  };
}

/** The last few KiB of a stream, however much comes. */
export class OutputTail {
  #parts: Buffer[] = [];
  #bytes = 0;

  add(part: Buffer): void {
    this.#parts.push(part.length > MAX_TAIL_BYTES ? part.subarray(-MAX_TAIL_BYTES) : part);
    this.#bytes += part.length;
    if (this.#bytes <= 2 * MAX_TAIL_BYTES) return;
    // A copy, so that a slice does not hold on to the large buffer it came from.
    const tail = Buffer.from(Buffer.concat(this.#parts).subarray(-MAX_TAIL_BYTES));
    this.#parts = [tail];
    this.#bytes = tail.length;
  }

  /** The last line that is not blank, or an empty text. */
  lastLine(): string {
    const lines = Buffer.concat(this.#parts)
      .toString('utf8')
      .split(/[\r\n]+/);
    return lines.findLast((line) => line.trim() !== '')?.trim() ?? '';
  }
}
