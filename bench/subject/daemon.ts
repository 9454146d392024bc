// Stands in for PM2's daemon for a client that reads its list: the same sockets and protocol, with a made-up
// list. `node bench/subject/daemon.ts <PM2_HOME>`, then one message with the entries.
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

interface Socket {
  bind(path: string): { once(event: 'bind', listener: () => void): void };
}

type Method = (parameter: unknown, callback: (error: unknown, answer: unknown) => void) => void;

interface RpcServer {
  expose(methods: Readonly<Record<string, Method>>): void;
}

const require = createRequire(import.meta.url);
const modules = join(dirname(require.resolve('pm2/package.json')), 'modules');
const axon = require(join(modules, 'pm2-axon')) as { socket(type: string): Socket };
const rpc = require(join(modules, 'pm2-axon-rpc')) as { Server: new (socket: Socket) => RpcServer };

const home = process.argv[2] ?? '';
const [{ entries }] = (await once(process, 'message')) as [{ readonly entries: unknown }];
const rep = axon.socket('rep');
const answer =
  (value: unknown): Method =>
  (_parameter, callback) =>
    callback(null, value);
new rpc.Server(rep).expose({ getMonitorData: answer(entries), getVersion: answer('7.0.4') });
const bound = (socket: Socket, name: string): Promise<void> =>
  new Promise((resolve) => {
    socket.bind(join(home, name)).once('bind', resolve);
  });
await bound(rep, 'rpc.sock');
await bound(axon.socket('pub-emitter'), 'pub.sock');
process.send?.({ isListening: true });
process.on('disconnect', () => process.exit());
