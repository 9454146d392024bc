import { setImmediate } from 'node:timers/promises';
import type { Writable } from 'node:stream';
import { codeOf, messageOf } from '../../errors.ts';

/** Whether all output could be written. */
interface OutputWatch {
  /** False after output was lost; a pipe that its reader has closed does not count. */
  isWhole(): boolean;
}

/**
 * Calls `stop` once where the output cannot be written: silently for a pipe that its reader has closed (`|
 * head`), with a sentence for anything else, like a full disk. The command still finishes, and its exit code
 * counts.
 */
export function watchOutput(out: Writable, err: Writable, stop: () => void): OutputWatch {
  let failure: Error | null = null;
  // Where standard error cannot be written, the data and the exit code still count.
  err.on('error', () => undefined);
  out.on('error', (error) => {
    // Later writes fail too, and are not reported again.
    if (failure !== null) return;
    failure = error;
    if (codeOf(error) !== 'EPIPE') {
      err.write(`the output cannot be written: ${messageOf(error)}\n`);
    }
    stop();
  });
  return { isWhole: () => failure === null || codeOf(failure) === 'EPIPE' };
}

/** Resolves when all output has reached the reader, or has failed and `watchOutput` knows it. */
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
