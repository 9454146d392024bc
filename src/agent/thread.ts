// The thread beside the user's app: nothing of it may reach the app.
import { chmod, lstat, readdir, unlink } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { workerData, type MessagePort } from 'node:worker_threads';
import { isListening } from '../leader/is-listening.ts';
import { lookAtHeap } from './heap.ts';
import { knownOf, lookAtMain, type LookDeps } from './look.ts';
import { AGENT_NAME } from './place.ts';
import { heapMsOf, MOST_ANSWER_BYTES, type ActiveFacts, type AgentAnswer } from './shapes.ts';
import type { ThreadData } from './start.ts';

/** A request is one line: a word, or one with a path. */
const MOST_REQUEST_BYTES = 4_608;

/** The file's path is absolute. */
const HEAP_ASK = /^heap(?: (?<file>\/.+))?$/;

const CONNECTIONS = 4;
const CONNECTION_MS = 5_000;

/** A socket without a listener that is younger may belong to an agent that is starting. */
const STALE_MS = 60_000;

/** At most this many sockets of ended processes are removed. */
const MOST_STALE = 64;

// As start.ts gives it.
const { path, pid, birth, beat, port } = workerData as ThreadData & { readonly port: MessagePort };
const shared = new Float64Array(beat);
const waiting = new Map<number, (active: ActiveFacts) => void>();
let asked = 0;
/** One look at a time: they share the inspector. */
let turn: Promise<unknown> = Promise.resolve();

port.on('message', ({ id, active }: { readonly id: number; readonly active: ActiveFacts }) => {
  waiting.get(id)?.(active);
});

function askMain(ms: number): Promise<ActiveFacts | null> {
  asked += 1;
  const id = asked;
  return new Promise<ActiveFacts | null>((resolve) => {
    const timer = setTimeout(() => resolve(null), ms);
    waiting.set(id, (active) => {
      clearTimeout(timer);
      resolve(active);
    });
    port.postMessage(id);
  }).finally(() => waiting.delete(id));
}

/** With the folder that the app is in now. */
const depsNow = (): LookDeps => ({ pid, birth, cwd: process.cwd(), beat: shared, askMain });

function inTurn(look: () => Promise<void>): Promise<void> {
  const over = turn.then(look);
  turn = over.catch(() => undefined);
  return over;
}

function serve(socket: Socket): void {
  let timer = setTimeout(() => socket.destroy(), CONNECTION_MS);
  socket.on('error', () => undefined);
  socket.on('close', () => clearTimeout(timer));
  let bytes: Buffer = Buffer.alloc(0);
  const read = (piece: Buffer): void => {
    bytes = Buffer.concat([bytes, piece]);
    const end = bytes.indexOf(0x0a);
    if (end < 0 && bytes.length <= MOST_REQUEST_BYTES) return;
    socket.off('data', read);
    const ask = bytes.toString('utf8', 0, Math.max(0, end));
    if (ask === 'delay') {
      // Nothing is waited for, so that it costs the app nothing, and no look delays it.
      return void socket.end(`${JSON.stringify(knownOf({ pid, birth, beat: shared }))}\n`);
    }
    const heap = HEAP_ASK.exec(ask);
    if (heap !== null) {
      const file = heap.groups?.['file'] ?? null;
      clearTimeout(timer);
      timer = setTimeout(() => socket.destroy(), heapMsOf(file) + CONNECTION_MS);
      return void answer(socket, (tell) => inTurn(() => lookAtHeap(file, depsNow(), tell)));
    }
    if (ask !== 'look' && ask !== 'profile') return void socket.destroy();
    void answer(socket, (tell) => inTurn(() => lookAtMain(ask, depsNow(), tell)));
  };
  socket.on('data', read);
}

async function answer(
  socket: Socket,
  look: (tell: (answer: AgentAnswer) => void) => Promise<void>,
): Promise<void> {
  try {
    await look((known) => {
      const line = `${JSON.stringify(known)}\n`;
      if (line.length <= MOST_ANSWER_BYTES && socket.writable) socket.write(line);
    });
    socket.end();
  } catch {
    // The main thread is ending.
    socket.destroy();
  }
}

/** Removes the sockets of processes that were killed. */
async function removeStale(dir: string): Promise<void> {
  const names = (await readdir(dir)).filter((name) => AGENT_NAME.test(name));
  for (const name of names.slice(0, MOST_STALE)) {
    const other = join(dir, name);
    const found = await lstat(other);
    const ageMs = performance.timeOrigin + performance.now() - found.mtimeMs;
    if (name === basename(path) || !found.isSocket() || ageMs < STALE_MS) continue;
    if (!(await isListening(other))) await unlink(other);
  }
}

const server = createServer(serve);
server.maxConnections = CONNECTIONS;
server.on('error', () => undefined);
// The folder is private, so that nobody can connect before the mode is narrow too.
server.listen({ path, exclusive: true }, () => {
  chmod(path, 0o600)
    .then(() => removeStale(dirname(path)))
    .catch(() => undefined);
});
