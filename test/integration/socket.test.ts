import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

/** Listens on a Unix socket as programs behind nginx do: the file of an older process is removed first. */
const SERVER = `
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
rmSync(process.env.SOCKET, { force: true });
createServer((_request, answer) => answer.end(String(process.pid))).listen(process.env.SOCKET);
`;

/** Starts the server and is killed without it: the child then keeps the socket. It fails where that is taken. */
const WRAPPER = `
import { spawn } from 'node:child_process';
const server = \`
  const server = require('node:http').createServer((_request, answer) => answer.end(String(process.pid)));
  server.on('error', (error) => { console.error(String(error)); process.exit(1); });
  server.listen(process.env.SOCKET);
\`;
spawn(process.execPath, ['-e', server], { stdio: 'inherit' }).on('exit', (code) => process.exit(code ?? 1));
`;

const FAST = { period: '500ms', fastPeriod: '300ms', timeout: '500ms', startupPeriod: '200ms' };

describe('an app that listens on a Unix socket', () => {
  let sandbox: Pm2Sandbox;
  before(async () => {
    sandbox = await Pm2Sandbox.create();
    await sandbox.startMonitor();
  });
  after(() => sandbox.destroy());

  const start = async (
    name: string,
    source: string,
    block: object,
    state: 'healthy' | 'degraded' = 'healthy',
  ): Promise<string> => {
    const script = join(sandbox.home, `${name}.mjs`);
    await writeFile(script, source);
    const socket = join(sandbox.home, `${name}.sock`);
    const env_liveness = { ...FAST, ...block };
    await sandbox.start({
      name,
      script,
      cwd: sandbox.home,
      max_restarts: 1000,
      env: { SOCKET: socket },
      env_liveness,
    });
    await sandbox.reaches(name, state);
    return socket;
  };

  test('is restarted when it hangs', async () => {
    const url = 'http://localhost/health';
    const socket = await start('hung', SERVER, { http: { socket: './hung.sock', url } });
    const { pid } = await sandbox.app('hung');
    process.kill(pid, 'SIGSTOP');
    const now = await until('another process answers', async () => {
      const answered = Number(await ask(socket));
      return answered !== pid && answered > 0 ? answered : null;
    });
    await sandbox.reaches('hung', 'healthy');
    assert.equal((await sandbox.app('hung')).pid, now);
    const { restarts, probe } = await sandbox.target('hung');
    assert.equal(restarts.total, 1);
    assert.equal(probe.target, `${url} at ${socket}`);
  });

  test('is not restarted while another program has its socket, which is named', async () => {
    const socket = join(sandbox.home, 'taken.sock');
    const code = `require('node:net').createServer().listen(${JSON.stringify(socket)}, () => console.log('up'))`;
    const other = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      await once(other.stdout, 'data');
      await start('taken', WRAPPER, { tcp: '${SOCKET}' }, 'degraded');
      const { restarts, summary } = await sandbox.target('taken');
      assert.match(summary, new RegExp(`socket ${socket} is held by process ${other.pid} `));
      assert.equal(restarts.total, 0);
    } finally {
      other.kill('SIGKILL');
    }
    // Its file stays behind, and is removed for the app.
    await sandbox.reaches('taken', 'healthy');
    assert.equal((await sandbox.target('taken')).restarts.total, 0);
    assert.match(
      await sandbox.output('pm2-liveness'),
      /taken: removed the socket .*taken\.sock, which an ended/,
    );
  });

  test('gets its socket back from an old process of its own', async () => {
    const socket = await start('kept', WRAPPER, {
      http: { socket: '${SOCKET}', url: 'http://localhost/' },
    });
    const orphan = Number(await ask(socket));
    const { pid } = await sandbox.app('kept');
    assert.notEqual(orphan, pid);
    process.kill(pid, 'SIGKILL');
    await until('the orphan has gone', async () => {
      const answered = Number(await ask(socket));
      return answered !== orphan && answered > 0 ? answered : null;
    });
    await sandbox.reaches('kept', 'healthy');
    assert.match(
      await sandbox.output('pm2-liveness'),
      new RegExp(`socket .*kept\\.sock is held by process ${orphan} .*an old process of kept`),
    );
  });
});

/** The text that a socket answers; empty where none does. */
function ask(socketPath: string): Promise<string> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/', timeout: 500 }, (answer) => {
      let text = '';
      answer.on('data', (part: Buffer) => (text += part.toString()));
      answer.on('end', () => resolve(text));
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(''));
    asked.end();
  });
}
