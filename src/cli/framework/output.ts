import { setImmediate } from 'node:timers/promises';
import type { Writable } from 'node:stream';
import { codeOf, messageOf } from '../../errors.ts';

/** Whether all that was said could be written. */
export interface OutputWatch {
  /** False once something was lost that somebody wanted: not to a pipe that its reader has closed. */
  isWhole(): boolean;
}

/**
 * Calls `stop` once where the output cannot be written: without a word for a pipe that its reader has
 * closed (`| head`), with a sentence for anything else, like a full disk. What a command is about to do
 * is done all the same, and its exit code counts.
 */
export function watchOutput(out: Writable, err: Writable, stop: () => void): OutputWatch {
  let failure: Error | null = null;
  // Where nobody hears us on standard error, the data and the exit code still count.
  err.on('error', () => undefined);
  out.on('error', (error) => {
    // What is written to it after the failure fails, too, and is not told again.
    if (failure !== null) return;
    failure = error;
    if (codeOf(error) !== 'EPIPE') {
      err.write(`the output cannot be written: ${messageOf(error)}\n`);
    }
    stop();
  });
  return { isWhole: () => failure === null || codeOf(failure) === 'EPIPE' };
}

/** Resolves when all that was written is with the reader, or has failed and `watchOutput` has been told. */
export async function flush(out: Writable, err: Writable): Promise<void> {
  await drain(out);
  // The error of a stream comes after the callback of the write that failed.
  await setImmediate();
  await drain(err);
}

function drain(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
