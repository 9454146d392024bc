import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../errors.ts';

/** After this time without an answer of the kernel the holder counts as alive. */
const CONNECT_MS = 2_000;

/**
 * BSD kernels also refuse where the queue is full, as with a stopped holder; Linux does not. There the holder
 * counts as dead after this many refusals in a row.
 */
const BSD_TRIES = 4;
const BSD_PAUSE_MS = 50;

/**
 * Resolves to true where a process listens on the socket at `path`, to false only for a refused connection.
 * The kernel accepts for a process that is stopped or busy, so this never counts as dead.
 */
export async function isListening(path: string): Promise<boolean> {
  const tries = process.platform === 'linux' ? 1 : BSD_TRIES;
  for (let left = tries; left > 0; left -= 1) {
    if (!(await isRefused(path))) return true;
    if (left > 1) await sleep(BSD_PAUSE_MS);
  }
  return false;
}

function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const finish = (refused: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(refused);
    };
    const timer = setTimeout(() => finish(false), CONNECT_MS);
    socket.once('connect', () => finish(false));
    socket.on('error', (error) => finish(codeOf(error) === 'ECONNREFUSED'));
  });
}
