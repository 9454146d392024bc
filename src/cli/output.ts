import { setImmediate } from 'node:timers/promises';
import type { Writable } from 'node:stream';
import { codeOf, messageOf } from '../errors.ts';

/**
 * Has `end` called with the exit code where the output cannot be written: 0 without a word for a pipe
 * that its reader has closed (`| head`), 1 with a sentence for anything else, like a full disk.
 */
export function watchOutput(out: Writable, err: Writable, end: (code: 0 | 1) => void): void {
  // Where nobody hears us on standard error, the data and the exit code still count.
  err.on('error', () => undefined);
  out.on('error', (error) => {
    if (codeOf(error) === 'EPIPE') return end(0);
    // What was written to it after the failure fails, too, and is not told again.
    out.removeAllListeners('error').on('error', () => undefined);
    err.write(`the output cannot be written: ${messageOf(error)}\n`, () => end(1));
  });
}

/** Resolves when all that was written is with the reader, or has failed and `watchOutput` has been told. */
export async function flushed(out: Writable, err: Writable): Promise<void> {
  await drained(out);
  // The error of a stream comes after the callback of the write that failed.
  await setImmediate();
  await drained(err);
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
