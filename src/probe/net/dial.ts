import { connect, type Socket } from 'node:net';
import { isPipePath } from '../../text/socket-path.ts';
import { placeOf } from './endpoint.ts';

/**
 * At most this many connects to one pipe may wait. A hung server leaves four places in its pipe, and then the
 * system waits for up to 30 s in a thread of ours that nothing can cancel, also after the socket was destroyed
 * (FACTS, "Windows, under Wine 8 (Debian's `wine`, `wine64`)"). Without a bound a probe a second holds thirty.
 */
const MOST_WAITING = 4;

/** How many connects wait, by the pipe's path; only those that wait are in it. */
const waiting = new Map<string, number>();

/** Where Node connects to; `lookup` makes a connection that fails without a question to the system. */
export type Place = ReturnType<typeof placeOf> & { readonly lookup?: typeof isFull };

/** Connects to an address and port, or to a socket. A pipe to which too many connects wait fails with EBUSY. */
export function dial(address: string, port: number): Socket {
  return dialWith(connectPlain, address, port);
}

/** Does what `dial` does, with another way to open the connection. */
export function dialWith<Connection extends Socket>(
  open: (place: Place) => Connection,
  address: string,
  port: number,
): Connection {
  const place = placeOf(address, port);
  // An address, the usual case, costs no more than this.
  if (!('path' in place) || !isPipePath(address)) return open(place);
  const before = waiting.get(address) ?? 0;
  if (before >= MOST_WAITING) return open({ host: 'pipe', port: 1, lookup: isFull });
  const socket = open(place);
  waiting.set(address, before + 1);
  let isWaiting = true;
  const isOver = (): void => {
    if (isWaiting) leave(address);
    isWaiting = false;
  };
  socket.once('connect', isOver);
  // Of a destroyed socket it comes only when the system has given up.
  socket.once('close', isOver);
  return socket;
}

function connectPlain(place: Place): Socket {
  return connect(place);
}

function leave(address: string): void {
  const left = (waiting.get(address) ?? 1) - 1;
  if (left > 0) waiting.set(address, left);
  else waiting.delete(address);
}

/** Later, as of a real connection: who asked has not listened for errors yet. */
function isFull(
  _host: string,
  _options: object,
  tell: (error: Error, address: string) => void,
): void {
  setImmediate(tell, Object.assign(new Error('too many connects wait'), { code: 'EBUSY' }), '');
}
