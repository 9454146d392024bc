import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Options, ResultPromise, execa as Execa } from 'execa';
import { codeOf, messageOf } from '../../errors.ts';

/** Options for execa; with `reject: false` each end is a value. */
export interface CommandOptions extends Options {
  readonly reject: false;
  readonly buffer: false;
}

/** A command that was not started, and why. */
export interface NotStarted {
  readonly kind: 'notStarted';
  readonly code: string | undefined;
  readonly message: string;
}

/** A running command, or the reason why there is none. */
export type Started =
  | { readonly child: ResultPromise<CommandOptions>; readonly pid: number }
  | { readonly child: null; readonly reason: Promise<NotStarted> };

/**
 * Starts a program. Never throws, and its reason never rejects. With no descriptors left, Node makes a child
 * without streams: execa then throws before it listens to the child's `error`, and that error would crash the
 * monitor. So this takes the child from Node's own announcement.
 */
export function startCommand(
  execa: typeof Execa,
  file: string,
  args: readonly string[],
  options: CommandOptions,
): Started {
  let announced: ChildProcess | undefined;
  const hear = (message: unknown): void => {
    // as: the message of Node's channel `child_process`, by its documentation
    announced = (message as { readonly process: ChildProcess }).process;
    announced.on('error', () => undefined);
  };
  subscribe('child_process', hear);
  try {
    const child = execa(file, [...args], options);
    // The result comes from the events; this only catches a failure of execa itself.
    child.catch(() => undefined);
    if (child.pid !== undefined) return { child, pid: child.pid };
    return { child: null, reason: reasonOf(child) };
  } catch (thrown) {
    // A child that runs nevertheless has no owner. A child without a pid must get no signal: its handle has
    // pid 0, which is our whole group.
    if (announced?.pid !== undefined) announced.kill('SIGKILL');
    return { child: null, reason: reasonOfThrown(thrown, announced) };
  } finally {
    unsubscribe('child_process', hear);
  }
}

async function reasonOf(child: ResultPromise<CommandOptions>): Promise<NotStarted> {
  const { code, originalMessage } = await child;
  return { kind: 'notStarted', code, message: originalMessage ?? 'it could not be started' };
}

/** The error code, which Node gives in the next turn; without one, the reason is what was thrown. */
function reasonOfThrown(thrown: unknown, child: ChildProcess | undefined): Promise<NotStarted> {
  return new Promise((resolve) => {
    const settle = (error: unknown): void =>
      resolve({ kind: 'notStarted', code: codeOf(error), message: messageOf(error) });
    child?.once('error', settle);
    setImmediate(() => settle(thrown));
  });
}
