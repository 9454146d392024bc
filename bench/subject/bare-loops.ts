import { spawn } from 'node:child_process';
import { get, type ClientRequestArgs } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Clock } from '../../dist/time/clock.js';
import type { Asked, Subject } from './measure.ts';
import type { Tally } from './watch.ts';

/** A request without a monitor: the least that Node allows, without a deadline. */
function ask(asked: Asked): Promise<void> {
  if ('pm2' in asked) return list();
  if ('exec' in asked) return run(asked.exec);
  if ('tcp' in asked) return accept(asked.tcp);
  if ('http' in asked) return fetchUrl(asked.http, {});
  return fetchUrl(asked.vite.url, { accept: 'text/x-vite-ping', host: 'localhost' });
}

function dial({ host, port }: ClientRequestArgs): Socket {
  return connect(Number(port), host ?? 'localhost');
}

/** On a new connection, as in a probe, with its accept. */
function fetchUrl(url: string, own: Readonly<Record<string, string>>): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { connection: 'close', ...own };
    // Not `agent: false`: that makes an agent for each request, which a probe does not have either.
    const request = get(url, { createConnection: dial, headers }, (response) => {
      response.resume();
      response.once('end', resolve);
    });
    request.once('error', reject);
  });
}

function accept(endpoint: string): Promise<void> {
  const [host = '', port] = endpoint.split(':');
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host, () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}

function run([file = '', ...args]: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.resume();
    child.stderr.resume();
    child.once('error', reject);
    child.once('close', () => resolve());
  });
}

/** PM2's own client; its result is dropped at once. */
async function list(): Promise<void> {
  const { default: pm2 } = await import('pm2');
  return new Promise((resolve, reject) => {
    pm2.list((error) => (error ? reject(error) : resolve()));
  });
}

/** One loop per target, with the pace and jitter of the monitor. Returns the function that stops them. */
export function bareLoops(
  { asked, periodMs }: Subject,
  clock: Clock,
  tally: Tally,
): () => Promise<void> {
  const life = { isOver: false };
  const loop = async (each: Asked): Promise<void> => {
    await clock.sleep(Math.random() * periodMs);
    while (!life.isOver) {
      const beganAt = clock.now();
      await ask(each);
      tally.probes += 1;
      const jitter = 0.9 + 0.2 * Math.random();
      await clock.sleep(Math.max(0, beganAt + periodMs * jitter - clock.now()));
    }
  };
  for (const each of asked) void loop(each);
  return async () => {
    life.isOver = true;
  };
}
