import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { execa } from 'execa';
import { addressCheck, allChecks, appChecks, isAddress } from '../../../src/cli/check/targets.ts';
import { check } from '../../../src/cli/check/check.ts';
import { dispatch } from '../../../src/cli/framework/dispatch.ts';
import { toManagedProcess, type ManagedProcess } from '../../../src/pm2/process.ts';
import { viteApp } from '../../probe/support/vite-app.ts';
import { FakeIo } from '../io.ts';

const program = join(import.meta.dirname, '../../../dist/cli/main.js');

function listed(
  name: string,
  env: Readonly<Record<string, unknown>> = {},
  pmId = 0,
): ManagedProcess {
  const process = toManagedProcess({
    pm_id: pmId,
    name,
    pid: 100 + pmId,
    pm2_env: { status: 'online', pm_uptime: 1, pm_cwd: '/srv', ...env },
  });
  return process ?? assert.fail('no list entry');
}

describe('check of a URL and of an address', () => {
  let server: Server;
  let base: string;
  let dir: string;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pl-check-'));
    server = createServer((request, response) => {
      if (request.url === '/hang') return;
      response.statusCode = request.url?.startsWith('/well') === true ? 200 : 503;
      response.end('hello');
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    base = `127.0.0.1:${address.port}`;
  });

  after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(dir, { recursive: true, force: true });
  });

  async function run(...words: readonly string[]): Promise<{ code: number; io: FakeIo }> {
    const io = new FakeIo();
    return { code: await dispatch([check], ['check', ...words], io), io };
  }

  test('is a line each with what was found, and exit code 0 where all is well', async () => {
    const { code, io } = await run(`http://${base}/well`, base);
    assert.equal(code, 0, io.outLines.join('\n'));
    const [url = '', tcp = '', ...more] = io.outLines;
    assert.match(
      url,
      /^http:\S+\/well +ok +\S+(ms|s) +answered 200 \[connect .* ms, first byte .* ms, transfer .* ms\]$/,
    );
    assert.match(tcp, /^127\S+ +ok +\S+(ms|s) +accepted by \S+ \[connect \S+ ms\]$/);
    assert.deepEqual([more, io.errLines], [[], []]);
  });

  test('gives exit code 1 where one of them is not well, and names its class', async () => {
    const { code, io } = await run(`http://${base}/well`, `http://${base}/ill`);
    assert.equal(code, 1);
    assert.match(
      io.outLines[1] ?? '',
      / status +\S+ +answered 503 .*wanted 200-399 \[connect .* ms\]$/,
    );
  });

  test('gives each question the time of --timeout', async () => {
    const { code, io } = await run(`http://${base}/hang`, '--timeout', '80ms', '--json');
    assert.equal(code, 1);
    const { schemaVersion, checks, misconfigured } = JSON.parse(io.outLines.join('\n'));
    assert.deepEqual([schemaVersion, misconfigured, checks.length], [1, [], 1]);
    const [{ durationMs, detail, timings, ...rest }] = checks;
    assert.deepEqual(rest, {
      name: `http://${base}/hang`,
      instance: 0,
      probe: { type: 'http', target: `http://${base}/hang` },
      ok: false,
      class: 'timeout',
      note: null,
    });
    assert.match(detail, /80 ms/);
    assert.deepEqual(Object.keys(timings), ['connectMs'], 'the stage that hangs has no time');
    // A timer of Node comes up to a millisecond and a bit early.
    assert.ok(durationMs >= 75, `${durationMs} ms`);
  });

  test('probes a Vite dev server with --vite, which fails for any other server', async () => {
    const { code, io } = await run('--vite', `http://${base}/well`);
    assert.equal(code, 1);
    assert.match(io.outLines[0] ?? '', / misconfig .*is this Vite\? \[connect .* ms\]$/);
  });

  test('checks the modules of a real Vite too, and shows a broken source', async (t) => {
    const app = await viteApp(t, { optimizeDeps: { noDiscovery: true } });
    const well = await run('--vite', app.url);
    assert.equal(well.code, 0, well.io.outLines.join('\n'));
    assert.match(well.io.outLines[0] ?? '', / ok .* modules are fine \[connect .* ms\]$/);
    await app.write('src/App.tsx', 'let a = ;');
    const broken = await run('--vite', app.url);
    assert.equal(broken.code, 1);
    assert.match(broken.io.outLines[0] ?? '', / source .*App\.tsx/);
  });

  for (const [line, wanted] of [
    ['ftp://a/', "check: got 'ftp://a/'; write a URL with 'http://' or 'https://'"],
    ['http://me:secret@a/', /^check: got a URL with a user name or password; (?!.*secret)/],
    [
      'localhost:80/health',
      "check: got 'localhost:80/health'; write it with its protocol, like 'http://127.0.0.1:3000/'",
    ],
    ['a:99999', "check: got '99999'; write a port from 1 to 65535"],
    [':3000', "check: got ':3000'; write the host too: '127.0.0.1:3000'"],
    ['a:1 --timeout 5', "check: --timeout: got '5'; write '5s' or '5ms'"],
    ['tcp://a/x', "check: got 'a/x'; write a host and a port, like '127.0.0.1:3000'"],
    ['a:1 --all', "check: --all means all apps; drop it, or drop 'a:1'"],
    ['a:1 --vite', 'check: --vite wants a URL, like http://127.0.0.1:5173/'],
  ] as const) {
    test(`\`check ${line}\` gets one sentence and exit code 2`, async () => {
      const { code, io } = await run(...line.split(' '));
      assert.equal(code, 2);
      assert.deepEqual([io.outLines, io.errLines.length], [[], 1]);
      if (typeof wanted === 'string') assert.equal(io.errLines[0], wanted);
      else assert.match(io.errLines[0] ?? '', wanted);
    });
  }

  test('needs no PM2: its package is not even loaded', async () => {
    const hook = join(dir, 'loaded.cjs');
    const report = join(dir, 'loaded.txt');
    const script = `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(report)},
      Object.keys(require('node:module')._cache).filter((file) => /[\\\\/]pm2[\\\\/]/.test(file)).join('\\n')));`;
    await writeFile(hook, script);
    const env = { PM2_HOME: dir };
    const loadedBy = async (word: string): Promise<[number | undefined, string]> => {
      const args = ['-r', hook, program, 'check', word];
      const { exitCode } = await execa(process.execPath, args, { env, reject: false });
      return [exitCode, await readFile(report, 'utf8')];
    };
    assert.deepEqual(await loadedBy(`http://${base}/well`), [0, '']);
    // For an app it is loaded, where a daemon seems to answer: the look above would see it.
    const daemon = createServer((request) => request.destroy());
    await new Promise<void>((resolve) => {
      daemon.listen(join(dir, 'rpc.sock'), resolve);
    });
    const [exitCode, loaded] = await loadedBy('web');
    daemon.close();
    assert.notEqual(exitCode, 0);
    assert.match(loaded, /pm2/);
  });
});

describe('what a word of check names', () => {
  test('is an address where it looks like one, else an app', () => {
    const places = ['http://a', 'a:1', '[::1]:80', 'a:80/x', 'ftp://a', 'tcp://a:1', 'wss://a'];
    for (const word of [...places, '/run/a.sock', './a.sock', 'unix:/run/a.sock']) {
      assert.ok(isAddress(word), word);
    }
    for (const word of ['web', 'web:dev', '3000', 'a b']) assert.ok(!isAddress(word), word);
  });

  test('is checked by the probe that fits', () => {
    const type = (word: string, isVite = false): string =>
      addressCheck(word, isVite).config.probe.type;
    assert.deepEqual(
      [type('http://a/'), type('http://a/', true), type('a:1'), type('ws://a/'), type('WSS://a/')],
      ['http', 'vite', 'tcp', 'websocket', 'websocket'],
    );
    const at = (word: string): unknown => addressCheck(word, false).config.probe;
    assert.deepEqual(at('tcp://[::1]:5432/'), { type: 'tcp', host: '::1', port: 5432 });
    const socket = { type: 'tcp', host: 'localhost', port: 0, socket: '/run/a.sock' };
    assert.deepEqual([at('/run/a.sock'), at('unix:///run/a.sock')], [socket, socket]);
  });

  const fleet = [
    listed('web', { PORT: 3000, env_liveness: { tcp: '127.0.0.1:${PORT}' } }, 0),
    listed('web', { PORT: 3001, NODE_APP_INSTANCE: 1, env_liveness: { tcp: 'a:${PORT}' } }, 1),
    listed('bad', { env_liveness: { tcp: 'a:1', period: 5 } }, 2),
    listed('plain', {}, 3),
    listed('off', { status: 'stopped', env_liveness: { tcp: 'a:1' } }, 4),
  ];

  test('is every instance of an app, each by its own environment', () => {
    const { checks, misconfigured } = appChecks('web', fleet);
    assert.deepEqual(
      checks.map(({ name, instance, config: { probe }, note }) => [name, instance, probe, note]),
      [
        ['web', 0, { type: 'tcp', host: '127.0.0.1', port: 3000 }, null],
        ['web', 1, { type: 'tcp', host: 'a', port: 3001 }, null],
      ],
    );
    assert.deepEqual(misconfigured, []);
  });

  test('is once what the instances of a cluster share', () => {
    const env = { exec_mode: 'cluster_mode', env_liveness: { tcp: 'a:1' } };
    const cluster = [listed('api', env, 0), listed('api', { ...env, NODE_APP_INSTANCE: 1 }, 1)];
    assert.equal(appChecks('api', cluster).checks.length, 1);
  });

  test('without a word is all that has a block, and what is wrong with one', () => {
    const { checks, misconfigured } = allChecks(fleet);
    assert.deepEqual(
      checks.map(({ name, note }) => [name, note]),
      [
        ['web', null],
        ['web', null],
        ['off', 'PM2 says stopped'],
      ],
    );
    assert.deepEqual(misconfigured, [
      {
        name: 'bad',
        message:
          "bad: 1 problem in its settings\n  env_liveness.period: got 5; write '5s' or '5ms'",
      },
    ]);
  });

  test('that does not exist suggests a name', () => {
    for (const [word, message] of [
      ['wbe', "check: PM2 has no app 'wbe' (did you mean 'web'?)"],
      [
        'zzz',
        "check: PM2 has no app 'zzz' (with a block: web, bad, off; a URL or host:port works too)",
      ],
      [
        'plain',
        "check: 'plain' is not watched; `pm2-liveness watch plain` finds what to probe; or name what to probe, like http://localhost:3000/",
      ],
    ] as const) {
      assert.throws(() => appChecks(word, fleet), { code: 'ERR_USAGE', message });
    }
  });
});
