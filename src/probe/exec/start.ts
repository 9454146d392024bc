import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Options, ResultPromise, execa as Execa } from 'execa';
import { codeOf, messageOf } from '../../errors.ts';

/** Options for execa; `reject: false` makes an end a value. */
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

/** A command under way, or the reason why there is none. */
export type Started =
  | { readonly child: ResultPromise<CommandOptions>; readonly pid: number }
  | { readonly child: null; readonly reason: Promise<NotStarted> };

/**
 * Starts a program. Never throws, and its reason never rejects: with no descriptors left Node makes
 * a child without streams, over which execa stumbles before it listens to the child's `error`, and
 * that error would end the monitor. The child is got hold of where Node announces it.
 */
export function startCommand(
  execa: typeof Execa,
  file: string,
  args: readonly string[],
  options: CommandOptions,
): Started {
  let announced: ChildProcess | undefined;
  const hear = (message: unknown): void => {
    // as: what Node's documentation says the channel `child_process` carries
    announced = (message as { readonly process: ChildProcess }).process;
    announced.on('error', () => undefined);
  };
  subscribe('child_process', hear);
  try {
    const child = execa(file, [...args], options);
    // The result is read off the events; this only keeps a failure of execa's own from escaping.
    child.catch(() => undefined);
    if (child.pid !== undefined) return { child, pid: child.pid };
    return { child: null, reason: reasonOf(child) };
  } catch (thrown) {
    // A child that runs all the same is nobody's. One without a pid must get no signal: its handle
    // says 0, and that is our whole group.
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

/** Node gives the code in the next turn; where it gives none, what was thrown has the word. */
function reasonOfThrown(thrown: unknown, child: ChildProcess | undefined): Promise<NotStarted> {
  return new Promise((resolve) => {
    const settle = (error: unknown): void =>
      resolve({ kind: 'notStarted', code: codeOf(error), message: messageOf(error) });
    child?.once('error', settle);
    setImmediate(() => settle(thrown));
  });
}
