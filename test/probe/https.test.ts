import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { createProbe } from '../../src/probe/registry.ts';
import { ask, http, verdictOf } from './support/ask.ts';
import { certificate, privateKey } from './support/certificate.ts';
import { httpServer, listen, rawServer } from './support/servers.ts';
import type { TestServer } from './support/servers.ts';

const secureServer = (t: TestContext, more: object = {}): Promise<TestServer> =>
  listen(
    t,
    createServer({ cert: certificate, key: privateKey, ...more }, (_request, response) => {
      response.end('secure');
    }),
  );

test('a trusted certificate is ok, with its handshake timed', async (t) => {
  const { port } = await secureServer(t);
  const sample = await ask(http(`https://localhost:${port}/`, { tls: { ca: certificate } }));
  assert.equal(verdictOf(sample), 'ok', sample.detail);
  assert.ok(sample.kind === 'ok' && (sample.timings?.tlsMs ?? 0) > 0);
});

test('an untrusted certificate is a misconfiguration that says what to set', async (t) => {
  const { port } = await secureServer(t);
  const sample = await ask(http(`https://localhost:${port}/`));
  assert.equal(verdictOf(sample), 'fail misconfig');
  assert.match(
    sample.detail,
    /DEPTH_ZERO_SELF_SIGNED_CERT.*set `ca`, or `rejectUnauthorized: false`, beside `url`$/,
  );
});

test('rejectUnauthorized: false takes any certificate', async (t) => {
  const { port } = await secureServer(t);
  const tls = { rejectUnauthorized: false };
  assert.equal(verdictOf(await ask(http(`https://127.0.0.1:${port}/`, { tls }))), 'ok');
});

test('another name than the host is a misconfiguration; servername fixes it', async (t) => {
  const { port } = await secureServer(t);
  const url = `https://127.0.0.1:${port}/`;
  const wrong = await ask(http(url, { tls: { ca: certificate } }));
  assert.equal(verdictOf(wrong), 'fail misconfig');
  assert.match(
    wrong.detail,
    /another name: set `servername`, or `rejectUnauthorized: false`, beside `url`$/,
  );
  const right = await ask(http(url, { tls: { ca: certificate, servername: 'named.example' } }));
  assert.equal(verdictOf(right), 'ok', right.detail);
});

test('https to a plain server says to write http:', async (t) => {
  const { port } = await httpServer(t, (_request, response) => response.end());
  const sample = await ask(http(`https://localhost:${port}/`));
  assert.equal(verdictOf(sample), 'fail misconfig');
  assert.match(sample.detail, /write `http:` instead of `https:`/);
});

test('versions that do not meet are a misconfiguration', async (t) => {
  const { port } = await rawServer(t, (socket) => {
    // alert: fatal, protocol_version
    socket.once('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 70])));
  });
  const sample = await ask(http(`https://localhost:${port}/`));
  assert.equal(verdictOf(sample), 'fail misconfig', sample.detail);
});

test('a server that wants a client certificate is a misconfiguration', async (t) => {
  const { port } = await secureServer(t, { requestCert: true, rejectUnauthorized: true });
  const sample = await ask(http(`https://localhost:${port}/`, { tls: { ca: certificate } }));
  assert.equal(verdictOf(sample), 'fail misconfig', sample.detail);
  assert.match(sample.detail, /client certificates/);
});

test('a connection dropped in the handshake is a reset', async (t) => {
  const { port } = await rawServer(t, (socket) => {
    socket.once('data', () => socket.end());
  });
  const sample = await ask(http(`https://127.0.0.1:${port}/`));
  assert.equal(verdictOf(sample), 'fail reset');
  assert.match(sample.detail, /in the TLS handshake/);
});

test('a handshake that never ends is a timeout that says so', async (t) => {
  const { port } = await rawServer(t, () => undefined);
  const sample = await ask(http(`https://127.0.0.1:${port}/`), 100);
  assert.equal(verdictOf(sample), 'fail timeout');
  assert.equal(sample.detail, 'no answer within 100 ms (connected, waiting for the TLS handshake)');
});

test('http to a TLS server says to write https:', async (t) => {
  const { port } = await secureServer(t);
  const sample = await ask(http(`http://127.0.0.1:${port}/`));
  assert.equal(verdictOf(sample), 'fail misconfig');
  assert.equal(sample.detail, 'the port speaks TLS: write `https:` instead of `http:`');
});

test('a ca that is no certificate is reported when the probe is made', () => {
  const options = http('https://localhost:1/', { tls: { ca: 'nonsense' } });
  assert.throws(() => createProbe(options), { code: 'ERR_CONFIG', message: /^`ca` is not/ });
});
