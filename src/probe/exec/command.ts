import type { ResultPromise, execa as Execa } from 'execa';
import { OwnGroup } from '../../os/signal/own-group.ts';
import { startCommand, type CommandOptions, type NotStarted } from './start.ts';
import type { ExecOptions } from '../probe.ts';
import type { Runner } from './run-as.ts';

/** The time between SIGTERM and SIGKILL. */
const KILL_DELAY_MS = 500;

/** How long output may still come after the exit, from another process that holds the pipe. */
const OUTPUT_GRACE_MS = 200;

/** How much of a command's output is kept: the end, which usually has the reason. */
const MAX_TAIL_BYTES = 4 * 1024;

/** Windows has no process groups: only the command itself is stopped there. */
const HAS_GROUPS = process.platform !== 'win32';

/** How a command ended. */
export type CommandEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | NotStarted;

/**
 * One running command, the leader of its own process group where the system has groups. A check is often a
 * shell script: a kill of the shell alone would leave its `curl` or `sleep` at every deadline. With the group
 * nothing outlives the command's exit. A command that has exited is forgotten, because its pid may be reused.
 */
export class Command {
  /** Resolves with the exit and the output; never rejects. */
  readonly end: Promise<CommandEnd>;
  /** Resolves when the process itself is gone; never rejects. */
  readonly gone: Promise<unknown>;
  readonly output = new OutputTail();
  /** Signals the processes that are still proven to be ours. */
  #signal: (signal: 'SIGTERM' | 'SIGKILL') => void = () => undefined;
  #group: OwnGroup | null = null;
  /** The program that was started, the leader of its group; null where none was. */
  readonly pid: number | null;
  readonly #killDelayMs: number;
  #isEnding = false;
  #killTimer: NodeJS.Timeout | undefined;

  /** `runner` null: runs it as our own user with our environment. `input`: what it can read; null for nothing. */
  constructor(
    execa: typeof Execa,
    options: ExecOptions,
    runner: Runner | null,
    killDelayMs = KILL_DELAY_MS,
    input: string | null = null,
  ) {
    this.#killDelayMs = killDelayMs;
    const settings = settingsOf(options, runner, input);
    const started = startCommand(execa, options.file, options.args, settings);
    const { child } = started;
    this.pid = child === null ? null : started.pid;
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
      // Through Node's own handle, which Node drops at the exit.
      this.#signal = (signal) => void child.kill(signal);
    }
    child.stdout?.on('data', (part: Buffer) => this.output.add(part));
    child.stderr?.on('data', (part: Buffer) => this.output.add(part));
    this.end = this.#waitForEnd(child);
    this.gone = Promise.race([this.end, new Promise((resolve) => child.once('exit', resolve))]);
  }

  /** Sends SIGTERM to the whole group, and SIGKILL a moment later. Idempotent. */
  terminate(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#killTimer = setTimeout(() => this.kill(), this.#killDelayMs);
    this.#signal('SIGTERM');
  }

  /** Sends SIGKILL to the whole group. Idempotent. */
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

  /** At the exit: kills what is left of the group, now or when its grace is over. */
  #sweepGroup(): void {
    const mayWait = this.#killTimer !== undefined;
    if (this.#group?.leaderEnded({ mayWait }) !== true) this.#stopWaiting();
  }

  #stopWaiting(): void {
    clearTimeout(this.#killTimer);
    this.#killTimer = undefined;
  }
}

function settingsOf(
  { cwd, env }: ExecOptions,
  runner: Runner | null,
  input: string | null,
): CommandOptions {
  return {
    ...(cwd === undefined ? {} : { cwd }),
    // The app's environment instead of ours, and on top of it the block's own.
    ...(runner === null ? {} : { extendEnv: false }),
    env: { ...runner?.env, ...env },
    // Where a user is given, Node drops all supplementary groups, also root's.
    ...runner?.user,
    ...(input === null ? { stdin: 'ignore' } : { input }),
    detached: HAS_GROUPS,
    reject: false,
    buffer: false,
  };
}

/** The last few KiB of a stream of any length. */
export class OutputTail {
  #parts: Buffer[] = [];
  #bytes = 0;

  add(part: Buffer): void {
    this.#parts.push(part.length > MAX_TAIL_BYTES ? part.subarray(-MAX_TAIL_BYTES) : part);
    this.#bytes += part.length;
    if (this.#bytes <= 2 * MAX_TAIL_BYTES) return;
    // A copy, because a slice would keep the whole large buffer in memory.
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
