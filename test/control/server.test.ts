import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { requestMonitor, getStatus } from '../../src/control/client.ts';
import { createControlServer, SERVER_LIMITS, type Route } from '../../src/control/server.ts';
import { LivenessError } from '../../src/errors.ts';
import { statusDocument } from '../../src/report/status.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { until } from '../support/until.ts';

const document = statusDocument(
  { version: '1', pid: 1, beganAt: 0, leading: null, problems: [] },
  [],
  [],
  new FakeClock(),
);

const ring: Record<string, unknown> = {};
ring['ring'] = ring;

const ROUTES: [string, Route][] = [
  ['GET /status', () => document],
  ['GET /late', () => new Promise(() => undefined)],
  ['GET /query', ({ query }) => query.get('app')],
  ['GET /nothing', () => undefined],
  ['GET /big', () => 1n],
  ['GET /ring', () => ring],
  ['POST /echo', ({ body }) => body],
  [
    'GET /throws',
    () => {
      throw new Error('boom');
    },
  ],
  ['GET /rejects', () => Promise.reject(new LivenessError('ERR_USAGE', 'no such app'))],
];

const LIMITS = {
  headersMs: 200,
  requestMs: 400,
  answerMs: 300,
  connectionMs: 700,
  connections: 5,
  bodyBytes: 1_000,
};

describe('the control socket', { skip: process.platform === 'win32' }, () => {
  let dir: string;
  let path: string;
  let server: Server;

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'pl-ctl-'));
    path = join(dir, 's');
    server = createControlServer(new Map(ROUTES), LIMITS);
    await new Promise<void>((resolve) => server.listen(path, resolve));
  });

  after(() => {
    server.close();
    server.closeAllConnections();
    rmSync(dir, { recursive: true, force: true });
  });

  const get = (route: string): Promise<unknown> =>
    requestMonitor(path, 'GET', route, { timeoutMs: 3_000 });

  /** Sends bytes as they are and gives all that comes back until the end. */
  function raw(text: string, { isOpen = true } = {}): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(path);
      let got = '';
      socket.setEncoding('utf8');
      socket.on('data', (chunk) => (got += String(chunk)));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(got));
      socket.write(text);
      if (!isOpen) socket.end();
    });
  }

  const connections = (): Promise<number> =>
    new Promise((resolve) => server.getConnections((_, count) => resolve(count)));

  test('answers the status document', async () => {
    assert.deepEqual(await getStatus(path, { timeoutMs: 3_000 }), document);
  });

  test('passes the query and the JSON body, and answers null for nothing', async () => {
    assert.equal(await get('/query?app=we%20b'), 'we b');
    assert.equal(await get('/nothing'), null);
    const body = { app: 'web' };
    assert.deepEqual(await requestMonitor(path, 'POST', '/echo', { timeoutMs: 3_000, body }), body);
  });

  test('answers every mistake as JSON', async () => {
    const head = 'HTTP/1.1\r\nhost: x\r\n';
    const cases: [string, RegExp][] = [
      [`GET /no ${head}\r\n`, /^HTTP\/1.1 404 .*\{"error":"no such path"\}$/s],
      [`POST /status ${head}content-length: 0\r\n\r\n`, /^HTTP\/1.1 405 .*allow: GET.*\{"error"/s],
      [`GET /throws ${head}\r\n`, /^HTTP\/1.1 500 .*\{"error":"boom"\}$/s],
      [`GET /rejects ${head}\r\n`, /^HTTP\/1.1 400 .*\{"error":"no such app"\}$/s],
      [`GET /big ${head}\r\n`, /^HTTP\/1.1 500 .*\{"error":"the answer is not valid JSON/s],
      [`GET /ring ${head}\r\n`, /^HTTP\/1.1 500 .*\{"error":"the answer is not valid JSON/s],
      [`GET /late ${head}\r\n`, /^HTTP\/1.1 500 .*\{"error":"no answer within 300 ms"\}$/s],
      ['this is no HTTP\r\n\r\n', /^HTTP\/1.1 400 .*\{"error":"this is not an HTTP request"\}$/s],
      [`GET / ${head}x: ${'y'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1.1 431 .*\{"error"/s],
      [
        `POST /echo ${head}content-length: 5\r\n\r\n{nope`,
        /^HTTP\/1.1 400 .*the body is not valid JSON/s,
      ],
      [
        `POST /echo ${head}content-length: 5000\r\n\r\n${'1'.repeat(5_000)}`,
        /^HTTP\/1.1 400 .*longer than 1000 bytes/s,
      ],
    ];
    for (const [text, wanted] of cases) assert.match(await raw(text), wanted);
  });

  test('drops clients that say nothing, are slow or never stop', async () => {
    for (const text of [
      '',
      'GET /status HT',
      'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{',
    ]) {
      const beganAt = performance.now();
      await raw(text);
      assert.ok(performance.now() - beganAt < 15_000, text);
    }
    const twice = 'GET /status HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(50);
    assert.equal((await raw(twice)).match(/HTTP\/1\.1 200/g)?.length, 1);
    await until('no connection is left', async () => (await connections()) === 0);
  });

  test('serves no more than a few at once, and is well again after a flood', async () => {
    const sockets = Array.from({ length: 100 }, () => connect(path).on('error', () => undefined));
    await until('most were dropped', async () => (await connections()) <= LIMITS.connections);
    await until('none is left', async () => (await connections()) === 0, { withinMs: 3_000 });
    for (const socket of sockets) socket.destroy();
    assert.deepEqual(await getStatus(path, { timeoutMs: 3_000 }), document);
  });

  test('survives clients that leave in the middle', async () => {
    for (let i = 0; i < 20; i += 1) {
      const socket = connect(path).on('error', () => undefined);
      socket.write('GET /late HTTP/1.1\r\nhost: x\r\n\r\n');
      await new Promise((resolve) => setImmediate(resolve));
      socket.destroy();
    }
    await until('no connection is left', async () => (await connections()) === 0);
    assert.deepEqual(await getStatus(path, { timeoutMs: 3_000 }), document);
  });

  test('has limits for use that a slow probe fits into', () => {
    assert.ok(SERVER_LIMITS.answerMs < SERVER_LIMITS.connectionMs);
  });
});

describe('the client', { skip: process.platform === 'win32' }, () => {
  let dir: string;

  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'pl-cli-'));
  });

  after(() => rmSync(dir, { recursive: true, force: true }));

  test('says that no monitor runs where nobody listens', async () => {
    for (const path of [join(dir, 'none'), dir, join(dir, 'x'.repeat(200))]) {
      await assert.rejects(getStatus(path, { timeoutMs: 1_000 }), {
        code: 'ERR_NO_MONITOR',
        message:
          /^(no monitor runs for this PM2_HOME .*; start one with `pm2 start|cannot ask the monitor)/,
      });
    }
  });

  test('gives up on a monitor that does not answer', async () => {
    const path = join(dir, 'silent');
    const server = createNetServer().listen(path);
    await assert.rejects(getStatus(path, { timeoutMs: 100 }), {
      code: 'ERR_NO_MONITOR',
      message: `the monitor at ${path} did not answer within 100 ms; \`pm2-liveness doctor\` shows why`,
    });
    server.close();
  });

  test('says of what speaks no HTTP, or breaks off, that it is there', async () => {
    for (const text of ['garbage\r\n\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{', '']) {
      const path = join(dir, `ill-${text.length}`);
      const server = createNetServer((socket) => {
        socket.on('error', () => undefined).once('data', () => socket.end(text));
      }).listen(path);
      await assert.rejects(getStatus(path, { timeoutMs: 2_000 }), { code: 'ERR_MONITOR' });
      server.close();
    }
  });

  test('refuses an answer that is no document, no JSON, an error, or without end', async () => {
    let text = '';
    let status = 200;
    const path = join(dir, 'odd');
    const server = createServer((_, response) => {
      response.writeHead(status);
      response.end(text);
    }).listen(path);
    const cases: [string, number, RegExp][] = [
      ['{}', 200, /did not send a status document/],
      ['null', 200, /did not send a status document/],
      ['<html>', 200, /did not send valid JSON/],
      [
        '{"error":"boom"}',
        500,
        /^the monitor at .* answered 500: boom; `pm2-liveness doctor` shows why$/,
      ],
      ['x'.repeat(9_000_000), 200, /longer than/],
    ];
    for (const [body, code, message] of cases) {
      text = body;
      status = code;
      await assert.rejects(getStatus(path, { timeoutMs: 2_000 }), {
        code: 'ERR_MONITOR',
        message,
      });
    }
    server.close();
    server.closeAllConnections();
  });
});
