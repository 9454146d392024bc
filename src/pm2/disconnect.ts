import type { Callback, Pm2Library } from './library.ts';

/** Works around two faults of PM2's `disconnect`, for where a socket needs more than its 200 ms to close. */
export function makeDisconnectSafe(library: Pm2Library): void {
  // Its timer reads `Client.sub_sock.destroy`, of the class: a TypeError.
  Object.assign(library.Client.constructor, { sub_sock: {} });
  // It calls back again when the socket closes, and its queue then throws, where nobody can catch it.
  for (const part of ['disconnectRPC', 'disconnectBus'] as const) {
    const disconnect = library.Client[part].bind(library.Client);
    library.Client[part] = (done) => disconnect(once(done));
  }
}

/** Calls back only the first time. */
function once(done: Callback | undefined): Callback {
  let isCalled = false;
  return (error, result) => {
    if (isCalled) return;
    isCalled = true;
    done?.(error, result);
  };
}
