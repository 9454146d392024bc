import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer as createNetServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import type { WebSocketOptions } from '../../src/probe/probe.ts';
import { ask, http, verdictOf } from './support/ask.ts';
import { certificate, privateKey } from './support/certificate.ts';

const tcp = (socket: string) => ({ type: 'tcp', host: 'localhost', port: 0, socket }) as const;

describe('a probe of a Unix socket', () => {
  let dir = '';
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pl-s-'));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  const listen = async (t: TestContext, server: Server, name: string): Promise<string> => {
    const path = join(dir, name);
    server.listen(path);
    await once(server, 'listening');
    t.after(() => server.close());
    return path;
  };

  test('accepts, and names the socket', async (t) => {
    const path = await listen(t, createNetServer(), 'a.sock');
    const sample = await ask(tcp(path));
    assert.equal(verdictOf(sample), 'ok');
    assert.equal(sample.detail, `accepted by ${path}`);
  });

  test('asks the URL there, with its path and its host', async (t) => {
    const asked: (string | undefined)[] = [];
    const server = createServer(({ url, headers }, answer) => {
      asked.push(url, headers.host);
      answer.end('ready');
    });
    const socket = await listen(t, server, 'b.sock');
    const sample = await ask(http('http://api.local/health?q=1', { socket, body: 'ready' }));
    assert.equal(verdictOf(sample), 'ok');
    assert.deepEqual(asked, ['/health?q=1', 'api.local']);
  });

  test('follows a redirect there, and judges the status', async (t) => {
    const server = createServer(({ url }, answer) => {
      answer.writeHead(url === '/' ? 302 : 503, { location: '/down' }).end();
    });
    const socket = await listen(t, server, 'c.sock');
    const sample = await ask(http('http://localhost/', { socket }));
    assert.equal(verdictOf(sample), 'fail status');
    assert.match(sample.detail, /answered 503/);
  });

  test('speaks TLS there', async (t) => {
    const server = createHttpsServer({ key: privateKey, cert: certificate }, (_request, answer) =>
      answer.end(),
    );
    const socket = await listen(t, server, 'd.sock');
    const sample = await ask(http('https://localhost/', { socket, tls: { ca: certificate } }));
    assert.equal(verdictOf(sample), 'ok', sample.detail);
  });

  test('opens a WebSocket there', async (t) => {
    const server = createServer();
    server.on('upgrade', (_request, connection) => connection.end('HTTP/1.1 400 No\r\n\r\n'));
    const socket = await listen(t, server, 'e.sock');
    const url = 'ws://localhost/live';
    const options: WebSocketOptions = { type: 'websocket', url, socket, headers: {} };
    const sample = await ask(options);
    assert.equal(sample.detail, 'answered 400 No to the WebSocket handshake, wanted 101');
  });

  test('is refused where there is no socket, and where nobody listens any more', async () => {
    const missing = join(dir, 'none.sock');
    const sample = await ask(http('http://localhost/', { socket: missing }));
    assert.equal(verdictOf(sample), 'fail refused');
    assert.equal(sample.detail, `no socket at ${missing} (ENOENT)`);
    const left = join(dir, 'left.sock');
    const code = `require('net').createServer().listen(${JSON.stringify(left)}, () => process.kill(process.pid, 'SIGKILL'))`;
    await once(spawn(process.execPath, ['-e', code], { stdio: 'ignore' }), 'exit');
    const after = await ask(tcp(left));
    assert.equal(verdictOf(after), 'fail refused');
    assert.equal(after.detail, `connect ECONNREFUSED ${left}`);
    const plain = join(dir, 'plain.txt');
    await writeFile(plain, '');
    assert.equal(verdictOf(await ask(tcp(plain))), 'fail refused');
  });

  test('of a program that hangs is no answer, and a full queue is a hang too', async (t) => {
    const socket = join(dir, 'hung.sock');
    const code = `require('net').createServer().listen({ path: ${JSON.stringify(socket)}, backlog: 1 }, () => console.log('up'))`;
    const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'ignore'] });
    t.after(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    child.kill('SIGSTOP');
    const sample = await ask(http('http://localhost/', { socket }), 300);
    assert.equal(verdictOf(sample), 'fail timeout');
    const held = Array.from({ length: 4 }, () => connect(socket).on('error', () => undefined));
    t.after(() => held.forEach((each) => each.destroy()));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const full = await ask(tcp(socket), 300);
    assert.equal(verdictOf(full), 'fail timeout');
    assert.equal(full.detail, `${socket} takes no more connections: its queue is full (EAGAIN)`);
  });
});
