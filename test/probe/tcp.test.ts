import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, verdictOf } from './support/ask.ts';
import { bothFamilies, freePort, rawServer } from './support/servers.ts';

const tcp = (port: number, host = '127.0.0.1') => ({ type: 'tcp', host, port }) as const;

test('an accept is ok, and the connection is closed at once', async (t) => {
  let closed: (() => void) | undefined;
  const isClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const server = await rawServer(t, (socket) => {
    socket.on('end', () => closed?.());
    socket.resume();
  });
  const sample = await ask(tcp(server.port));
  assert.equal(verdictOf(sample), 'ok');
  assert.ok(sample.kind === 'ok' && (sample.timings?.connectMs ?? -1) >= 0);
  await isClosed;
});

test('nothing there is refused, by its address', async (t) => {
  const port = await freePort(t);
  const sample = await ask(tcp(port));
  assert.equal(verdictOf(sample), 'fail refused');
  assert.equal(sample.detail, `connect ECONNREFUSED 127.0.0.1:${port}`);
});

test('localhost is ok where only IPv4 or only IPv6 listens', async (t) => {
  const four = await rawServer(t, () => undefined, '127.0.0.1');
  assert.equal(verdictOf(await ask(tcp(four.port, 'localhost'))), 'ok');
  const six = await rawServer(t, () => undefined, '::1');
  const sample = await ask(tcp(six.port, 'localhost'));
  assert.equal(verdictOf(sample), 'ok');
  assert.equal(sample.detail, `accepted by [::1]:${six.port}`);
});

test('localhost with nobody there is refused on both', async (t) => {
  const port = await freePort(t);
  const sample = await ask(tcp(port, 'localhost'));
  assert.equal(verdictOf(sample), 'fail refused');
  assert.equal(sample.detail, `connect ECONNREFUSED 127.0.0.1:${port} and [::1]:${port}`);
});

test('localhost on both families is probed once', async (t) => {
  let accepted = 0;
  const count = (host: string, port: number) => rawServer(t, () => (accepted += 1), host, port);
  const port = await bothFamilies(count, count);
  assert.equal(verdictOf(await ask(tcp(port, 'localhost'))), 'ok');
  assert.equal(accepted, 1);
});

test('a name that does not exist is unknown', async () => {
  const sample = await ask(tcp(80, 'does-not-exist.invalid'), 5000);
  assert.equal(verdictOf(sample), 'unknown dns');
});

test('a port that cannot be is a broken probe, not a dead target', async () => {
  assert.equal(verdictOf(await ask(tcp(70_000))), 'unknown broken-probe');
});
