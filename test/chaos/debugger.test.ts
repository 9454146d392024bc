import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { InspectorClient } from '../support/inspector-client.ts';
import { freePort, Pm2Sandbox, type App } from '../support/pm2-sandbox.ts';
import { holds, until } from '../support/until.ts';
import { statusOf } from '../support/vite-app.ts';

/** A server that, on request, stops at a statement, hangs in a lock, or no longer answers. */
const SERVER = `
import { createServer } from 'node:http';
let isMute = false;
createServer(({ url }, response) => {
  if (url === '/mute') isMute = true;
  if (url === '/statement') { debugger; }
  if (url === '/lock') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  if (!isMute) response.end('answer');
}).listen(Number(process.env.PORT), '127.0.0.1');
`;

/** Traces a process and stops its first thread, until its own standard input ends. */
const TRACER = `
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
SEIZE, INTERRUPT = 0x4206, 0x4207
pid = int(sys.argv[1])
ok = libc.ptrace(SEIZE, pid, None, None) == 0 and libc.ptrace(INTERRUPT, pid, None, None) == 0
print('traced' if ok else 'refused', flush=True)
sys.stdin.read()
`;

const isLinux = process.platform === 'linux';

describe(
  'a debugger on an app under PM2',
  { skip: isLinux ? false : 'read on Linux alone' },
  () => {
    let sandbox: Pm2Sandbox;
    let script: string;

    before(async () => {
      sandbox = await Pm2Sandbox.create();
      script = join(sandbox.home, 'server.mjs');
      await writeFile(script, SERVER);
      await sandbox.startMonitor();
    });

    after(() => sandbox.destroy());

    async function server(name: string, flag?: string): Promise<Served> {
      const [port, inspector] = [await freePort(), await freePort()];
      const env_liveness = {
        http: 'http://127.0.0.1:${PORT}/',
        period: '500ms',
        timeout: '500ms',
        fastPeriod: '300ms',
        startupPeriod: '300ms',
        startupTimeout: '5s',
        failureThreshold: 3,
      };
      const app = { name, script, env: { PORT: String(port) }, env_liveness };
      const node_args = flag === undefined ? [] : [`${flag}=127.0.0.1:${inspector}`];
      await sandbox.start({ ...app, node_args } satisfies App);
      const { pid } = await sandbox.app(name);
      return { name, pid, inspector, url: `http://127.0.0.1:${port}` };
    }

    /** Nobody restarted it, and it is paused all the time. */
    async function isLeftAlone({ name, pid }: Served): Promise<boolean> {
      const [app, target] = await Promise.all([sandbox.app(name), sandbox.target(name)]);
      return app.pid === pid && target.restarts.total === 0 && target.state === 'paused';
    }

    async function isRestarted({ name, pid }: Served): Promise<void> {
      await until(`${name} is restarted`, async () => (await sandbox.app(name)).pid !== pid);
      await until('by us', async () => (await sandbox.target(name)).restarts.total === 1);
      await sandbox.reaches(name, 'healthy');
    }

    test('that is awaited (--inspect-brk), comes, and lets the app start', async (context: TestContext) => {
      const app = await server('awaiting', '--inspect-brk');
      const { summary } = await sandbox.reaches('awaiting', 'paused');
      assert.match(
        summary,
        /^paused: it waits for a debugger \(process \d+, inspector on port \d+\)/,
      );
      await holds('it is left alone for longer than its start may take', 8_000, () =>
        isLeftAlone(app),
      );
      const client = await InspectorClient.attach(app.inspector);
      context.after(() => client.detach());
      client.send('Runtime.runIfWaitingForDebugger');
      await until('it stops at its first line', () => client.pauses === 1);
      await until('it is said who is there', async () =>
        (await sandbox.target('awaiting')).summary.startsWith('paused: a debugger is attached'),
      );
      client.send('Debugger.resume');
      await sandbox.reaches('awaiting', 'healthy');
      assert.equal((await sandbox.app('awaiting')).pid, app.pid);
      client.detach();
      await sandbox.pm2('delete', 'awaiting');
    });

    test('that holds the app at a statement, lets it go on, and is closed at the next', async (context: TestContext) => {
      const app = await server('held', '--inspect');
      await sandbox.reaches('held', 'healthy');
      const client = await InspectorClient.attach(app.inspector);
      context.after(() => client.detach());
      for (const [stop, goOn] of [
        [1, () => client.send('Debugger.resume')],
        [2, () => client.detach()],
      ] as const) {
        await statusOf(`${app.url}/statement`, 1_000);
        await until('it stops', () => client.pauses === stop);
        const { summary } = await sandbox.reaches('held', 'paused');
        assert.match(
          summary,
          /^paused: a debugger is attached \(process \d+, inspector on port \d+\)/,
        );
        await holds('it is left alone', 5_000, () => isLeftAlone(app));
        goOn();
        await sandbox.reaches('held', 'healthy');
        assert.equal((await sandbox.app('held')).pid, app.pid);
      }
      await sandbox.pm2('delete', 'held');
    });

    test('that is attached to an app which runs and does not answer: a hang is a hang', async (context: TestContext) => {
      const app = await server('mute', '--inspect');
      await sandbox.reaches('mute', 'healthy');
      const client = await InspectorClient.attach(app.inspector);
      context.after(() => client.detach());
      await statusOf(`${app.url}/mute`, 1_000);
      await isRestarted(app);
      client.detach();
      await sandbox.pm2('delete', 'mute');
    });

    test('that could come (--inspect) to an app that hangs, and does not', async () => {
      const app = await server('alone', '--inspect');
      await sandbox.reaches('alone', 'healthy');
      await statusOf(`${app.url}/lock`, 1_000);
      await isRestarted(app);
      await sandbox.pm2('delete', 'alone');
    });

    test('that traces the app from outside, and goes', async (context: TestContext) => {
      if (spawnSync('python3', ['-c', 'import ctypes']).status !== 0) {
        return context.skip('there is no python3 to trace with');
      }
      const app = await server('traced');
      await sandbox.reaches('traced', 'healthy');
      const tracer = spawn('python3', ['-c', TRACER, String(app.pid)], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      // A process that is traced and stopped cannot be ended before its tracer.
      context.after(() => tracer.kill('SIGKILL'));
      const [said] = await once(tracer.stdout, 'data');
      if (!String(said).startsWith('traced')) {
        tracer.stdin.end();
        return context.skip('this system lets nobody trace');
      }
      const { summary } = await sandbox.reaches('traced', 'paused');
      assert.match(summary, /^paused: a debugger is attached \(process \d+, python/);
      await holds('it is left alone', 5_000, () => isLeftAlone(app));
      tracer.stdin.end();
      await sandbox.reaches('traced', 'healthy');
      assert.equal((await sandbox.app('traced')).pid, app.pid);
      await sandbox.pm2('delete', 'traced');
    });
  },
);

/** An app that runs. */
interface Served {
  readonly name: string;
  readonly pid: number;
  readonly inspector: number;
  readonly url: string;
}
