import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { messageOf } from '../../src/errors.ts';

interface Socket {
  connect(path: string): void;
  close(): void;
  on(event: string, listener: (error: Error) => void): void;
}

interface RpcClient {
  call(
    method: string,
    parameter: unknown,
    callback: (error: unknown, answer: unknown) => void,
  ): void;
}

const require = createRequire(import.meta.url);
const modules = join(dirname(require.resolve('pm2/package.json')), 'modules');
const axon = require(join(modules, 'pm2-axon')) as { socket(type: string): Socket };
const rpc = require(join(modules, 'pm2-axon-rpc')) as {
  Client: new (socket: Socket) => RpcClient;
};

/**
 * One call to the daemon of a PM2_HOME, as PM2's own program makes it, but without the half second of a new
 * program, so that a test can call often. Rejects where no daemon answers in time.
 */
export function callDaemon(
  home: string,
  method: string,
  parameter: unknown = {},
  timeoutMs = 5_000,
): Promise<unknown> {
  const socket = axon.socket('req');
  const call = new Promise<unknown>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${method}: the daemon gave no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    const end = (act: () => void): void => {
      clearTimeout(timer);
      act();
    };
    socket.on('error', (error) => end(() => reject(error)));
    new rpc.Client(socket).call(method, parameter, (error, answer) =>
      end(() => (error ? reject(new Error(messageOf(error))) : resolve(answer))),
    );
    socket.connect(join(home, 'rpc.sock'));
  });
  return call.finally(() => socket.close());
}

/** What `pm2 stop` and `pm2 delete` do once their program runs: the call, and the event on the bus. */
export async function operate(home: string, wish: 'stop' | 'delete', pmId: number): Promise<void> {
  await callDaemon(home, `${wish}ProcessId`, pmId);
  const notice = { id: pmId, action_name: wish, manually: true };
  // PM2 no longer knows the app, which is usual after a delete.
  await callDaemon(home, 'notifyByProcessId', notice).catch(() => null);
}
