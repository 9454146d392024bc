import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { WebSocketOptions } from '../../../src/probe/probe.ts';
import { createProbe } from '../../../src/probe/registry.ts';
import { runProbe } from '../../../src/probe/runner.ts';
import { ask, now, until, verdictOf } from '../support/ask.ts';
import { certificate, privateKey } from '../support/certificate.ts';
import { freePort, httpServer, listen, rawServer } from '../support/servers.ts';
import { serverFrame, text, webSocketServer } from '../support/web-socket-server.ts';

/** Options of a websocket probe of this port. */
function webSocket(port: number, more: Partial<WebSocketOptions> = {}): WebSocketOptions {
  return { type: 'websocket', url: `ws://127.0.0.1:${port}/live?a=1`, headers: {}, ...more };
}

test('a WebSocket that opens is ok, and is closed in good order', async (t) => {
  const server = await webSocketServer(t);
  const sample = await ask(webSocket(server.port, { headers: { Origin: 'http://a' } }));
  assert.equal(verdictOf(sample), 'ok', sample.detail);
  assert.ok(sample.kind === 'ok' && (sample.timings?.connectMs ?? -1) >= 0);
  await until(() => server.sockets.size === 0, 'the end of the connection');
  const [request] = server.requests;
  assert.equal(request?.url, '/live?a=1');
  assert.equal(request.headers.origin, 'http://a');
  assert.equal(request.headers['sec-websocket-version'], '13');
  assert.deepEqual(server.received, [
    { opcode: 0x8, isMasked: true, payload: Buffer.from([0x03, 0xe8]) },
  ]);
});

test('each handshake has a key of its own', async (t) => {
  const server = await webSocketServer(t);
  for (let runs = 0; runs < 2; runs += 1) await ask(webSocket(server.port));
  const keys = server.requests.map(({ headers }) => headers['sec-websocket-key']);
  assert.equal(new Set(keys).size, 2);
  assert.ok(keys.every((key) => Buffer.from(key ?? '', 'base64').length === 16));
});

test('the subprotocol is requested, and the server must choose it', async (t) => {
  const protocol = 'vite-ping';
  const good = await webSocketServer(t);
  assert.equal(verdictOf(await ask(webSocket(good.port, { protocol }))), 'ok');
  assert.equal(good.requests[0]?.headers['sec-websocket-protocol'], protocol);
  for (const [chosen, detail] of [
    [null, /chose no subprotocol, wanted vite-ping/],
    ['other', /chose the subprotocol other, wanted vite-ping/],
  ] as const) {
    const server = await webSocketServer(t, { headers: { 'Sec-WebSocket-Protocol': chosen } });
    const sample = await ask(webSocket(server.port, { protocol }));
    assert.equal(verdictOf(sample), 'fail status');
    assert.match(sample.detail, detail);
  }
});

for (const [what, headers, detail] of [
  ['another protocol', { Upgrade: 'h2c' }, /switched to h2c, wanted websocket/],
  ['another key', { 'Sec-WebSocket-Accept': 'no' }, /not the answer to our key/],
  ['no accept', { 'Sec-WebSocket-Accept': null }, /not the answer to our key/],
  [
    'an extension',
    { 'Sec-WebSocket-Extensions': 'permessage-deflate' },
    /uses permessage-deflate, which was not offered/,
  ],
  [
    'an unasked subprotocol',
    { 'Sec-WebSocket-Protocol': 'x' },
    /chose the subprotocol x, none was offered/,
  ],
] as const) {
  test(`a handshake is refused for ${what}`, async (t) => {
    const server = await webSocketServer(t, { headers });
    const sample = await ask(webSocket(server.port));
    assert.equal(verdictOf(sample), 'fail status');
    assert.match(sample.detail, detail);
    await until(() => server.sockets.size === 0, 'the end of the connection');
  });
}

test('a status instead of 101 is reported', async (t) => {
  const plain = await httpServer(t, (_request, response) => response.end('page'));
  const sample = await ask(webSocket(plain.port));
  assert.equal(verdictOf(sample), 'fail status');
  assert.equal(sample.detail, 'answered 200 OK to the WebSocket handshake, wanted 101');
  const elsewhere = await httpServer(t, (_request, response) => {
    response.writeHead(302, { location: '/login' }).end();
  });
  const moved = await ask(webSocket(elsewhere.port));
  assert.equal(moved.detail, 'answered 302 Found to /login to the WebSocket handshake, wanted 101');
});

test('nothing listening is refused; a silent server is a timeout', async (t) => {
  assert.equal(verdictOf(await ask(webSocket(await freePort(t)))), 'fail refused');
  const silent = await rawServer(t, () => undefined);
  const sample = await ask(webSocket(silent.port), 100);
  assert.equal(verdictOf(sample), 'fail timeout');
  assert.match(sample.detail, /waiting for the first byte/);
});

test('a server that leaves in the handshake is a reset', async (t) => {
  const server = await rawServer(t, (socket) => socket.once('data', () => socket.destroy()));
  assert.equal(verdictOf(await ask(webSocket(server.port))), 'fail reset');
});

test('the message is sent, and the expected one is waited for among others', async (t) => {
  const server = await webSocketServer(t, {
    onFrame: ({ opcode }, socket) => {
      if (opcode !== 0x1) return;
      socket.write(
        Buffer.concat([text('hello'), serverFrame(0x82, 'ready'), serverFrame(0x89, 'p')]),
      );
      socket.write(text('{"ready":true}'));
    },
  });
  const options = webSocket(server.port, { send: 'are you ready?', expect: /"ready":true/ });
  const sample = await ask(options);
  assert.equal(verdictOf(sample), 'ok', sample.detail);
  await until(() => server.sockets.size === 0, 'the end of the connection');
  const said = server.received.map(({ opcode, payload }) => [opcode, payload.toString('latin1')]);
  assert.deepEqual(said, [
    [0x1, 'are you ready?'],
    [0xa, 'p'],
    [0x8, '\x03\xe8'],
  ]);
});

test('an expression that takes a thread finds its message, also when the server leaves at once', async (t) => {
  const server = await webSocketServer(t, {
    onOpen: (socket) => {
      const others = Array.from({ length: 500 }, (_, index) => text(`no ${index}`));
      socket.end(Buffer.concat([...others, text('{"ready": true}'), serverFrame(0x88, '')]));
    },
  });
  const sample = await ask(webSocket(server.port, { expect: /"ready":\s*true/ }));
  assert.equal(verdictOf(sample), 'ok', sample.detail);
  const other = await ask(webSocket(server.port, { expect: /"ready":\s*false/ }));
  assert.equal(verdictOf(other), 'fail body', other.detail);
});

test('an expression that takes forever on a message is reported, and no fault of the server', async (t) => {
  const server = await webSocketServer(t, {
    onOpen: (socket) => socket.write(text(`${'a'.repeat(40)}!`)),
  });
  const sample = await ask(webSocket(server.port, { expect: /^(a+)+$/ }));
  assert.equal(verdictOf(sample), 'unknown expression', sample.detail);
  assert.match(sample.detail, /^`expect` takes more than 100 ms .*: \/\^\(a\+\)\+\$\/$/);
});

test('a message that came along with the handshake counts', async (t) => {
  const server = await webSocketServer(t, { onOpen: (socket) => socket.write(text('welcome')) });
  assert.equal(verdictOf(await ask(webSocket(server.port, { expect: 'welcome' }))), 'ok');
});

for (const [what, onOpen, verdict, detail] of [
  [
    'a close in its place',
    (socket: Socket) => socket.write(serverFrame(0x88, Buffer.from('\x03\xf3full', 'latin1'))),
    'fail body',
    /^closed \(1011 full\): no message with "yes"$/,
  ],
  [
    'the connection cut',
    (socket: Socket) => socket.destroy(),
    'fail reset',
    /connection closed before the answer was complete/,
  ],
  [
    'bytes that are no frames',
    (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n'),
    'fail reset',
    /^broken WebSocket: the server sent/,
  ],
  [
    'a flood of other messages',
    (socket: Socket) => {
      const send = (): void => {
        while (!socket.destroyed && socket.write(text('no'.repeat(500))));
      };
      socket.on('drain', send);
      send();
    },
    'fail body',
    /^no message with "yes" in the first 64 KiB$/,
  ],
  [
    'nothing more',
    (socket: Socket) => socket.write(text('no')),
    'fail timeout',
    /^no message with "yes" within 300 ms \(open, 1 message\)$/,
  ],
] as const) {
  test(`in place of the expected message: ${what}`, async (t) => {
    const server = await webSocketServer(t, { onOpen });
    const sample = await ask(webSocket(server.port, { expect: 'yes' }), 300);
    assert.equal(verdictOf(sample), verdict, sample.detail);
    assert.match(sample.detail, detail);
    await until(() => server.sockets.size === 0, 'the end of the connection');
  });
}

test('a server that never answers our close is left all the same', async (t) => {
  const silent = await webSocketServer(t, { isDeaf: true });
  assert.equal(verdictOf(await ask(webSocket(silent.port))), 'ok');
  assert.equal(silent.sockets.size, 1, 'it is given time');
  await until(() => silent.sockets.size === 0, 'the end of the connection');
});

test('a server that floods us as we close is left at once', async (t) => {
  const flood = text('x'.repeat(1_000));
  let sentBytes = 0;
  const server = await webSocketServer(t, {
    isDeaf: true,
    onOpen: (socket) => {
      const send = (): void => {
        while (!socket.destroyed && socket.write(flood)) sentBytes += flood.length;
      };
      socket.on('drain', send);
      send();
    },
  });
  assert.equal(verdictOf(await ask(webSocket(server.port))), 'ok');
  await until(() => server.sockets.size === 0, 'the end of the connection');
  // What lies in the buffers of both sockets; a second of it would be hundreds of megabytes.
  assert.ok(sentBytes > 0 && sentBytes < 50e6, `${sentBytes} bytes`);
});

test('stop closes an open session', async (t) => {
  const server = await webSocketServer(t);
  const stopping = new AbortController();
  const probe = createProbe(webSocket(server.port, { expect: 'never' }));
  const running = runProbe(probe, { now, timeoutMs: 10_000, signal: stopping.signal });
  await until(() => server.requests.length === 1, 'the handshake');
  stopping.abort();
  assert.equal(verdictOf(await running), 'unknown aborted');
  await until(() => server.sockets.size === 0, 'the end of the connection');
});

test('wss opens over TLS, and says what to set where it does not', async (t) => {
  const server = createServer({ cert: certificate, key: privateKey });
  server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
  const { port } = await listen(t, server);
  const url = `wss://localhost:${port}/`;
  const untrusted = await ask(webSocket(port, { url }));
  assert.equal(verdictOf(untrusted), 'fail misconfig');
  assert.match(untrusted.detail, /set `ca`, .* beside `url`/);
  const trusted = await ask(webSocket(port, { url, tls: { ca: certificate } }));
  assert.match(trusted.detail, /^answered 403 Forbidden to the WebSocket handshake/);
  const plain = await ask(webSocket(port, { url: `ws://localhost:${port}/` }));
  assert.equal(verdictOf(plain), 'fail misconfig');
  assert.match(plain.detail, /write `wss:` instead of `ws:`/);
});
