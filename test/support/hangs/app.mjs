// An app that answers until it is asked for `/hang`, and then hangs in the way that its first argument names.
import { execFileSync } from 'node:child_process';
import { lookup } from 'node:dns';
import { readFileSync, open } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';

const [, , way, ...words] = process.argv;

function busyLoop() {
  for (;;);
}

function matchNames() {
  return /^(a+)+$/.test(`${'a'.repeat(50)}!`);
}

function runForever() {
  execFileSync('sleep', ['1000']);
}

function waitForLock() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function readQueue() {
  return readFileSync(words[0]);
}

function joinWorker() {
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const program = `const { workerData } = require('node:worker_threads'); Atomics.wait(workerData, 1, 0);`;
  const worker = new Worker(program, { eval: true, workerData: shared });
  worker.unref();
  Atomics.wait(shared, 0, 0);
}

/** Most of what the heap may have is held: V8 looks through all of it again and again. */
function fillHeap() {
  const held = [];
  const limit = 0.9 * 96 * 1024 * 1024;
  for (let n = 0; ; n += 1) {
    const isFull = n % 10_000 === 0 && process.memoryUsage().heapUsed > limit;
    if (isFull) held.length = Math.floor(held.length * 0.97);
    held.push({ at: n, next: [n] });
  }
}

async function spinMicrotasks() {
  for (;;) await Promise.resolve();
}

function awaitNothing() {
  return new Promise(() => undefined);
}

/** Ten connections are busy with a server that never answers, and the eleventh caller waits. */
async function drainPool() {
  const port = Number(words[0]);
  for (let n = 0; n < 10; n += 1) connect(port, '127.0.0.1').on('error', () => undefined);
  await new Promise(() => undefined);
}

/** Four reads of a FIFO take the four threads of libuv's pool; a look-up of a name waits behind them. */
async function blockPool() {
  for (let n = 0; n < 4; n += 1) open(words[0], 'r', () => undefined);
  await new Promise((resolve) => lookup('localhost', resolve));
}

const WAYS = {
  'busy loop': busyLoop,
  regex: matchNames,
  execSync: runForever,
  atomics: waitForLock,
  promise: awaitNothing,
  pool: drainPool,
  fifo: readQueue,
  worker: joinWorker,
  gc: fillHeap,
  microtasks: spinMicrotasks,
  dns: blockPool,
};

let isHung = false;

async function handleRequest(request, response) {
  if (isHung) await awaitNothing();
  if (request.url === '/hang' && way in WAYS) {
    isHung = true;
    await WAYS[way]();
  }
  response.end('ok');
}

createServer((request, response) => void handleRequest(request, response)).listen(
  Number(process.env.APP_PORT ?? 0),
  '127.0.0.1',
  function () {
    console.log(`listens on ${this.address().port}`);
  },
);
