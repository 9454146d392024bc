import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../errors.ts';

/** After so long without an answer of the kernel the holder counts as alive. */
const CONNECT_MS = 2_000;

/**
 * BSD kernels refuse where a queue is full, too, as of a holder that is stopped; Linux does not.
 * Being refused this many times in a row, over this long, is then taken as death.
 */
const BSD_TRIES = 4;
const BSD_PAUSE_MS = 50;

/**
 * Whether a process listens on the socket at `path`; only a refused connection says no. The kernel
 * accepts for a process that is stopped or busy, so that one is never taken for dead.
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
