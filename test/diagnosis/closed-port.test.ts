import assert from 'node:assert/strict';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { BoundedFiles } from '../../src/os/bounded-files.ts';
import { readBlock, type TargetConfig } from '../../src/config/target-config.ts';
import {
  ClosedPort,
  type ClosedPortEvidence,
} from '../../src/diagnosis/closed-port/closed-port.ts';
import { compilerErrorIn } from '../../src/diagnosis/closed-port/compiler-error.ts';
import { lastErrorIn, readLastError } from '../../src/diagnosis/closed-port/last-error.ts';
import { watcherName } from '../../src/diagnosis/closed-port/waiting-watcher.ts';
import type { Listener, OsReader, ProcessFacts } from '../../src/os/os-reader.ts';
import type { Sample } from '../../src/probe/probe.ts';
import { observationOf, type Observation } from '../../src/target/observation.ts';
import { managed } from '../support/fake-pm2.ts';
import { systemClock, type Clock } from '../../src/time/clock.ts';
import { FakeClock } from '../support/fake-clock.ts';

const FILES = new BoundedFiles(systemClock);

const REFUSED: Sample = { kind: 'fail', class: 'refused', detail: 'refused', at: 1, durationMs: 1 };

function configOf(block: Record<string, unknown> = {}): TargetConfig {
  const read = readBlock({ http: 'http://127.0.0.1:3000/', startupTimeout: '60s', ...block }, {});
  assert.ok(read.ok);
  return read.config;
}

/** One target whose port is closed, on a system that a test changes. */
class Play {
  time = 1_000_000;
  processes: ProcessFacts[] = [];
  listeners: Listener[] = [];
  looks = 0;
  inspectors = new Set<number>();
  readonly app: Observation;
  readonly closed: ClosedPort;

  /** What PM2 runs, its environment of the app, its error log and its folder. */
  constructor(
    command = 'node parent.mjs',
    env: Record<string, unknown> = {},
    errorLog: string | null = null,
    cwd = '/app',
  ) {
    this.app = observationOf(managed({ pid: 100, env, errorLog, cwd }), new FakeClock());
    this.has(100, { ppid: 1, age: 500_000, command });
    const reader: OsReader = {
      listeners: async () => [],
      listenersOf: async (pids) =>
        this.listeners.filter((each) => each.pids?.some((pid) => pids.includes(pid))),
      processes: async () => {
        this.looks += 1;
        return new Map(this.processes.map((each) => [each.pid, each]));
      },
      connectedAt: async () => [],
      mainThread: async () => null,
      markers: async () => null,
      births: async () => new Map(),
    };
    const clock: Clock = {
      now: () => this.time,
      wall: () => this.time + 5_000_000,
      sleep: (ms, signal) => systemClock.sleep(ms, signal),
    };
    this.closed = new ClosedPort({
      reader,
      clock,
      isInspector: async (_, port) => this.inspectors.has(port),
      files: new BoundedFiles(clock),
    });
  }

  /** A process of the app that is `age` ms old. */
  has(pid: number, fields: { ppid?: number; age?: number; command?: string } = {}): void {
    const { ppid = 100, age = 0, command = 'node child.mjs' } = fields;
    this.processes.push({
      pid,
      ppid,
      birth: `b${pid}`,
      uid: 0,
      startedAtMs: this.time + 5_000_000 - age,
      cpuMs: 0,
      rssBytes: 1,
      state: 'sleeping',
      tracerPid: 0,
      command,
    });
  }

  loses(pid: number): void {
    this.processes = this.processes.filter((each) => each.pid !== pid);
  }

  async explain(evidence: Partial<ClosedPortEvidence> = {}, config = configOf()) {
    return this.closed.explain(this.app, config, REFUSED, {
      holder: null,
      isProven: true,
      ...evidence,
    });
  }
}

describe('a closed port', () => {
  test('of a process that has ended says nothing for 10 s: PM2 has not noticed it yet', async () => {
    for (const isZombie of [true, false]) {
      const play = new Play();
      play.closed.noteGood(play.app, play.time);
      assert.equal((await play.explain()).sample, REFUSED);
      if (isZombie)
        play.processes = play.processes.map((each) => ({ ...each, state: 'zombie' as const }));
      else play.loses(100);
      play.time += 2_000;
      for (let ms = 0; ms < 10_000; ms += 2_000) {
        const { sample } = await play.explain();
        assert.deepEqual(sample, {
          kind: 'unknown',
          cause: 'pending',
          detail: 'its process 100 has ended, and PM2 has not noticed it yet',
          at: REFUSED.at,
          durationMs: REFUSED.durationMs,
        });
        play.time += 2_000;
      }
      assert.equal((await play.explain()).sample, REFUSED);
    }
  });

  test('of a process that runs after all is judged again', async () => {
    const play = new Play();
    const [process] = play.processes;
    play.loses(100);
    assert.equal((await play.explain()).sample.kind, 'unknown');
    assert.ok(process);
    play.processes = [process];
    play.time += 2_000;
    assert.equal((await play.explain()).sample, REFUSED);
  });

  test('is a start of the app’s own where a process is younger than the last good answer', async () => {
    const play = new Play();
    play.has(200, { age: 50_000 });
    play.closed.noteGood(play.app, play.time);
    play.time += 5_000;
    assert.equal((await play.explain()).ownStart, null);
    play.has(201);
    play.time += 2_000;
    const { ownStart, sample } = await play.explain();
    assert.deepEqual(ownStart, { by: 'birth', pid: 201, at: play.time - 2_000, isSaved: false });
    assert.equal(sample, REFUSED);
  });

  test('counts the first birth, however often a child dies and is started again', async () => {
    const play = new Play();
    play.closed.noteGood(play.app, play.time);
    play.time += 3_000;
    play.has(201);
    const first = play.time;
    await play.explain();
    for (let pid = 202; pid < 230; pid += 1) {
      play.loses(pid - 1);
      play.time += 2_000;
      play.has(pid);
      assert.deepEqual((await play.explain()).ownStart, {
        by: 'birth',
        pid: 201,
        at: first,
        isSaved: false,
      });
    }
    play.closed.noteGood(play.app, play.time);
    play.loses(229);
    play.time += 5_000;
    assert.equal((await play.explain()).ownStart, null);
  });

  test('is none by the process that listened before, nor by PM2’s own', async () => {
    const play = new Play();
    play.closed.noteGood(play.app, play.time);
    play.has(201);
    play.time += 100;
    assert.equal((await play.explain({ holder: 201 })).ownStart, null);
  });

  test('is one where the process that listened has gone', async () => {
    const play = new Play();
    play.closed.noteGood(play.app, play.time);
    play.time += 1_000;
    const { ownStart } = await play.explain({ holder: 200 });
    assert.deepEqual(ownStart, { by: 'end', pid: 200, at: play.time, isSaved: false });
    play.time += 3_000;
    play.has(201);
    assert.equal((await play.explain({ holder: 200 })).ownStart?.by, 'birth');
  });

  test('without a good answer seen counts births of one startupTimeout at most', async () => {
    const play = new Play();
    play.has(200, { age: 70_000 });
    assert.equal((await play.explain()).ownStart, null);
    const other = new Play();
    other.has(200, { age: 20_000 });
    assert.equal((await other.explain()).ownStart?.pid, 200);
  });

  test('costs a look when it closes and every 1.5 s, not with every sample', async () => {
    const play = new Play();
    for (let sample = 0; sample < 100; sample += 1) {
      await play.explain();
      play.time += 100;
    }
    // One of them for the command line of a process that may be a watcher.
    assert.equal(play.looks, 8);
  });

  test('is the source’s where a watcher has nothing left to run, at three looks', async () => {
    const play = new Play();
    play.has(150, { age: 400_000, command: 'node /srv/node_modules/.bin/nodemon app.js' });
    play.closed.noteGood(play.app, play.time);
    play.time += 1_000;
    for (let look = 0; look < 2; look += 1) {
      const moment = await play.explain();
      assert.deepEqual([moment.sample, moment.ownStart?.by], [REFUSED, 'end']);
      play.time += 2_000;
    }
    const { sample } = await play.explain();
    assert.ok(sample.kind === 'fail' && sample.class === 'source');
    assert.match(sample.detail, /has ended, and nodemon \(pid 150\) waits until a file is saved/);
    play.time += 600_000;
    play.has(201, { ppid: 150 });
    assert.deepEqual((await play.explain()).ownStart, {
      by: 'birth',
      pid: 201,
      at: play.time,
      isSaved: true,
    });
  });

  for (const [name, path, args] of [
    ['tsx watch', '/srv/node_modules/tsx/dist/cli.mjs', ['watch', 'app.ts']],
    ['nest start --watch', '/srv/node_modules/@nestjs/cli/bin/nest.js', ['start', '--watch']],
  ] as const) {
    test(`is the source’s where PM2 itself runs ${name}, and hides its arguments`, async () => {
      const env = { exec_interpreter: 'node', pm_exec_path: path, args, node_args: [] };
      const play = new Play(`node ${path}`, env);
      let sample: Sample = REFUSED;
      for (let look = 0; look < 3; look += 1) {
        ({ sample } = await play.explain());
        play.time += 2_000;
      }
      assert.ok(sample.kind === 'fail' && sample.class === 'source');
      assert.ok(sample.detail.includes(`${name} (pid 100) waits until a file is saved`));
    });
  }

  test('is a start while the watcher compiles before its first run: it is busy, or has said nothing', async () => {
    const env = {
      exec_interpreter: 'node',
      pm_exec_path: '/srv/node_modules/@nestjs/cli/bin/nest.js',
      args: ['start', '--watch'],
      node_args: [],
    };
    const play = new Play('node nest.js', env);
    const [compiler] = play.processes;
    assert.ok(compiler);
    const startedAtMs = play.time + 5_000_000 - 20_000;
    play.processes = [{ ...compiler, startedAtMs }];
    // Its startupTimeout is 60 s.
    for (let ms = 20_000; ms < 60_000; ms += 2_000) {
      assert.equal((await play.explain()).sample, REFUSED);
      play.time += 2_000;
    }
    const quiet = await play.explain();
    assert.ok(quiet.sample.kind === 'fail' && quiet.sample.class === 'source');
    const busy = new Play('node nest.js', env);
    for (let look = 0; look < 20; look += 1) {
      assert.equal((await busy.explain()).sample, REFUSED);
      busy.time += 2_000;
      busy.processes = busy.processes.map((each) => ({
        ...each,
        cpuMs: (each.cpuMs ?? 0) + 1_500,
      }));
    }
  });

  test('of an app that found its port taken needs another start, and no saved file', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'taken-'));
    t.after(() => rm(folder, { recursive: true }));
    const log = join(folder, 'error.log');
    for (const [port, name] of [
      [3_000, 'refused'],
      [9_229, 'source'],
    ] as const) {
      await writeFile(log, `Error: listen EADDRINUSE: address already in use :::${port}\n`);
      const play = new Play('node parent.mjs', {}, log);
      play.has(150, { age: 400_000, command: 'node /srv/node_modules/.bin/nodemon app.js' });
      let sample: Sample = REFUSED;
      for (let look = 0; look < 3; look += 1) {
        ({ sample } = await play.explain());
        play.time += 2_000;
      }
      assert.ok(sample.kind === 'fail' && sample.class === name, `${port}`);
      assert.equal(sample.isFinal, port === 3_000 ? true : undefined);
      assert.match(
        sample.detail,
        /nodemon \(pid 150\) waits until a file is saved: Error: listen EADDR/,
      );
    }
  });

  test('of an app that worked and ended without an error or a save needs another start', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'pl-killed-'));
    t.after(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'app.mjs'), '');
    const log = join(folder, 'error.log');
    const heap =
      'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory';
    const last = [0];
    for (const { said, goodAgo, savedAgo, name } of [
      { said: '', goodAgo: last, savedAgo: 60_000, name: 'refused' },
      { said: heap, goodAgo: last, savedAgo: 60_000, name: 'refused' },
      { said: 'TypeError: no map', goodAgo: last, savedAgo: 60_000, name: 'source' },
      { said: '', goodAgo: last, savedAgo: -1_000, name: 'source' },
      // The watcher's own build, after which the app first answered, and a save that the process before answered.
      { said: '', goodAgo: last, savedAgo: 1_000, name: 'refused' },
      { said: '', goodAgo: [60_000, 0], savedAgo: 1_000, name: 'source' },
      { said: '', goodAgo: [60_000, 0], savedAgo: 5_000, name: 'refused' },
      { said: '', goodAgo: [], savedAgo: 60_000, name: 'source' },
    ]) {
      await writeFile(log, said);
      const play = new Play('node parent.mjs', {}, log, folder);
      play.time = Date.now() - 5_000_000 + savedAgo;
      play.processes = [];
      play.has(100, { ppid: 1, age: 500_000 });
      play.has(150, { age: 400_000, command: 'node /srv/node_modules/.bin/nodemon app.mjs' });
      // As the log's: what was written before is old.
      if (said !== '')
        await utimes(log, (Date.now() + 90_000) / 1_000, (Date.now() + 90_000) / 1_000);
      for (const ago of goodAgo) play.closed.noteGood(play.app, play.time - ago);
      let sample: Sample = REFUSED;
      for (let look = 0; look < 3; look += 1) {
        play.time += 2_000;
        ({ sample } = await play.explain());
      }
      const about = JSON.stringify({ said, goodAgo, savedAgo });
      assert.ok(sample.kind === 'fail' && sample.class === name, about);
      assert.equal(sample.isFinal, name === 'refused' ? true : undefined, about);
      assert.match(sample.detail, /nodemon \(pid 150\) waits until a file is saved/);
    }
  });

  test('is not the source’s while the watcher has the app, or has only just started', async () => {
    const play = new Play();
    play.has(150, { age: 5_000, command: 'node --watch app.mjs' });
    for (let look = 0; look < 2; look += 1) {
      assert.equal((await play.explain()).sample, REFUSED);
      play.time += 2_000;
    }
    play.time += 60_000;
    play.has(201, { ppid: 150 });
    for (let look = 0; look < 3; look += 1) {
      assert.equal((await play.explain()).sample, REFUSED);
      play.time += 2_000;
    }
  });
});

describe('an app that answers on another port', () => {
  const servers: { close: () => void }[] = [];
  after(() => servers.forEach((server) => server.close()));

  async function serve(answer: RequestListener): Promise<number> {
    const server = createServer(answer);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port; // as: it listens on a port
  }

  /** What is made of it at the third look. */
  async function explained(
    port: number,
    block: Record<string, unknown> = {},
    isProven = false,
    play = new Play(),
  ): Promise<Sample> {
    play.listeners = [{ address: '127.0.0.1', port, pids: [100] }];
    const config = configOf(block);
    for (let look = 0; look < 2; look += 1) {
      const { sample } = await play.explain({ isProven }, config);
      assert.ok(sample === REFUSED || (sample.kind === 'unknown' && sample.cause === 'pending'));
      play.time += 2_000;
    }
    return (await play.explain({ isProven }, config)).sample;
  }

  test('has a block that is wrong, and both ports are named', async () => {
    const port = await serve((_, response) => response.end('hello'));
    const sample = await explained(port);
    assert.ok(sample.kind === 'fail' && sample.class === 'misconfig');
    assert.match(
      sample.detail,
      new RegExp(`answers on port ${port}, not on 3000: correct the port`),
    );
  });

  test('keeps its wrong block while it answers late there, until it listens there no more', async () => {
    let isLate = false;
    const port = await serve((_, response) => {
      if (!isLate) response.end('hello');
    });
    const play = new Play();
    const wrong = await explained(port, { timeout: '100ms' }, false, play);
    isLate = true;
    play.time += 2_000;
    const later = await play.explain({ isProven: false }, configOf({ timeout: '100ms' }));
    assert.deepEqual(later.sample, wrong);
    play.listeners = [];
    play.time += 2_000;
    assert.equal((await play.explain({ isProven: false })).sample, REFUSED);
  });

  test('is judged as ever where its block was right before, or anybody may have the port', async () => {
    const port = await serve((_, response) => response.end('hello'));
    assert.equal(await explained(port, {}, true), REFUSED);
    assert.equal(await explained(port, { portOwner: 'any' }), REFUSED);
  });

  test('must answer there as the block asks', async () => {
    const missing = await serve((_, response) => response.writeHead(404).end());
    assert.equal(await explained(missing), REFUSED);
    const sockets = await serve((_, response) => response.writeHead(426).end());
    const any = { http: { url: 'http://127.0.0.1:3000/', status: '100-599' } };
    assert.equal(await explained(sockets, any), REFUSED);
    const sample = await explained(missing, any);
    assert.ok(sample.kind === 'fail' && sample.class === 'misconfig');
  });

  test('is not found at a debugger’s port', async () => {
    const port = await serve((_, response) => response.end('hello'));
    const play = new Play();
    play.inspectors.add(port);
    assert.equal(
      await explained(port, { tcp: '127.0.0.1:3000', http: undefined }, false, play),
      REFUSED,
    );
  });
});

describe('a watcher’s command line', () => {
  for (const [command, name] of [
    ['/usr/bin/node --watch app.mjs', 'node --watch'],
    ['node --import tsx --watch-path=src app.ts', 'node --watch'],
    ['node --env-file .env --watch app.mjs', 'node --watch'],
    ['node --env-file-if-exists .env --watch app.mjs', 'node --watch'],
    ['node --env-file=.env --watch app.mjs', 'node --watch'],
    ['node --conditions dev --title web --watch app.mjs', 'node --watch'],
    ['node --experimental-loader ./l.mjs --watch app.mjs', 'node --watch'],
    ['node --env-file .env app.mjs --watch', null],
    ['node app.mjs --watch', null],
    ['node /srv/node_modules/vite/bin/vite.js build --watch', null],
    ['sh -c node --watch app.mjs', null],
    ['node ../node_modules/.bin/nodemon app.mjs', 'nodemon'],
    ['/srv/nodemon-like/server.js', null],
    ['node /srv/node_modules/tsx/dist/cli.mjs watch app.ts', 'tsx watch'],
    ['node ../node_modules/.bin/tsx watch app.ts', 'tsx watch'],
    ['node ../node_modules/.bin/tsx app.ts', null],
    ['node /srv/node_modules/.bin/nest start --watch', 'nest start --watch'],
    ['node /srv/node_modules/.bin/nest start -w api', 'nest start --watch'],
    ['node /srv/node_modules/.bin/nest start', null],
    ['node /srv/node_modules/.bin/ts-node-dev --respawn app.ts', 'ts-node-dev'],
    ['node /srv/node_modules/ts-node-dev/lib/bin.js --respawn app.ts', 'ts-node-dev'],
    ['node /srv/node_modules/.bin/node-dev app.js', 'node-dev'],
    ['node /srv/node-dev/server.js', null],
    ['node /srv/node_modules/.bin/vite-node -w app.ts', 'vite-node --watch'],
    ['node /srv/node_modules/vite-node/vite-node.mjs --watch app.ts', 'vite-node --watch'],
    ['node /srv/node_modules/.bin/vite-node app.ts', null],
  ] as const) {
    test(`${command} is ${name ?? 'none'}`, () => assert.equal(watcherName(command), name));
  }
});

describe('the last error of a log', () => {
  test('has its file and line where they are given', () => {
    const lines = [
      'file:///srv/web/app.mjs:3',
      'const x = (;',
      "SyntaxError: Unexpected token ';'",
      'at compileSourceTextModule (node:internal/modules/esm/utils:346:16)',
      'Node.js v20.20.2',
    ];
    assert.equal(lastErrorIn(lines, '/srv/web'), "app.mjs:3 SyntaxError: Unexpected token ';'");
    assert.equal(lastErrorIn(lines.slice(2), '/srv/web'), "SyntaxError: Unexpected token ';'");
    assert.equal(lastErrorIn(['all is well'], '/srv/web'), null);
  });

  test('is found above all the calls that Node writes below it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pl-last-'));
    const errorLog = join(folder, 'error.log');
    const calls = Array.from(
      { length: 10 },
      (_, call) => `    at call${call} (${folder}/a.mjs:1:1)`,
    );
    const lines = [`${folder}/app.mjs:3`, 'Error: no database', ...calls, '', 'Node.js v20.20.2'];
    await writeFile(errorLog, `${lines.join('\n')}\n`);
    const found = await readLastError({ errorLog, outputLog: null, cwd: folder }, 0, FILES);
    await rm(folder, { recursive: true });
    assert.equal(found, 'app.mjs:3 Error: no database');
  });

  for (const [said, shown] of [
    ["SyntaxError: Unexpected token ';'", "SyntaxError: Unexpected token ';'"],
    [
      "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'x' imported from /srv/web/app.mjs",
      "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'x'",
    ],
    ['Error: cannot connect as admin:admin', null],
  ] as const) {
    test(`is shown where nobody listens yet, if it is of the source itself: ${said}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'pl-last-'));
      const errorLog = join(folder, 'error.log');
      await writeFile(errorLog, `${said}\n    at call (node:internal/modules/esm/utils:346:16)\n`);
      const play = new Play('node app.mjs', {}, errorLog);
      const { sample } = await play.explain();
      play.time += 10_000;
      play.closed.noteGood(play.app, play.time);
      play.time += 10_000;
      const later = await play.explain();
      await rm(folder, { recursive: true });
      const detail = shown === null ? 'refused' : `refused; its log says: ${shown}`;
      assert.deepEqual(sample, { ...REFUSED, detail });
      assert.equal(later.sample, REFUSED, 'it has listened since');
    });
  }

  test('is what the compiler says, with its own file and line, where a compiler says it', () => {
    const lines = [
      'node:internal/modules/run_main:123',
      'triggerUncaughtException(',
      'Error: Transform failed with 1 error:',
      '/srv/web/src/app.ts:3:16: ERROR: Unexpected ";"',
      'at failureErrorWithLog (/srv/web/node_modules/esbuild/lib/main.js:1752:15)',
    ];
    assert.equal(lastErrorIn(lines, '/srv/web'), 'src/app.ts:3 Unexpected ";"');
  });

  test('is that of a compiler that watches, in the standard output, until it has built well', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pl-last-'));
    const [errorLog, outputLog] = [join(folder, 'error.log'), join(folder, 'out.log')];
    await writeFile(errorLog, 'Error: no database\n');
    const bad = `[6:54:50 AM] Starting compilation in watch mode...

\u001B[96msrc/main.ts\u001B[0m:\u001B[93m10\u001B[0m:\u001B[93m17\u001B[0m - \u001B[91merror\u001B[0m\u001B[90m TS1109: \u001B[0mExpression expected.

\u001B[7m10\u001B[0m const broken = (;

[\u001B[90m6:54:56 AM\u001B[0m] Found 1 error. Watching for file changes.
`;
    const read = () => readLastError({ errorLog, outputLog, cwd: folder }, 0, FILES);
    await writeFile(outputLog, bad);
    const broken = await read();
    await writeFile(outputLog, `${bad}[6:55:07 AM] Found 0 errors. Watching for file changes.\n`);
    const fixed = await read();
    await rm(folder, { recursive: true });
    assert.equal(broken, 'src/main.ts:10:17 Expression expected.');
    assert.equal(fixed, 'Error: no database');
    assert.equal(
      compilerErrorIn([
        'src/a.ts(3,4): error TS2304: No.',
        'Found 2 errors. Watching for file changes.',
      ]),
      'src/a.ts:3:4 No.',
    );
  });
});
