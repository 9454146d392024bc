import assert from 'node:assert/strict';
import { once, type EventEmitter } from 'node:events';
import { request } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { codeOf } from '../../../src/errors.ts';
import { dial, dialWith } from '../../../src/probe/net/dial.ts';

/** Connects that nobody accepts, as those to a pipe of Windows that hangs. */
function hung(): { readonly opened: Socket[]; readonly open: () => Socket } {
  const opened: Socket[] = [];
  const open = (): Socket => {
    const socket = new Socket();
    opened.push(socket);
    return socket;
  };
  return { opened, open };
}

/** What a connect, or a request, ends with. */
async function endOf(asked: EventEmitter): Promise<string | undefined> {
  const [error] = await once(asked, 'error', { signal: AbortSignal.timeout(5_000) }).catch(
    (thrown: unknown) => [thrown],
  );
  return codeOf(error);
}

test('four connects to one pipe may wait, and the fifth fails without a question to the system', async () => {
  const pipe = String.raw`\\.\pipe\hung`;
  const { opened, open } = hung();
  for (let n = 0; n < 4; n += 1) dialWith(open, pipe, 80);
  assert.equal(await endOf(dial(pipe, 80)), 'EBUSY');
  assert.equal(opened.length, 4);
  for (const socket of opened) socket.destroy();
});

test('a pipe has a place again when a connect is made, or the system has given it up', async () => {
  const pipe = '//./pipe/slow';
  const { opened, open } = hung();
  for (let n = 0; n < 4; n += 1) dialWith(open, pipe, 80);
  const [made, lost] = opened;
  assert.ok(made && lost);
  // A connection that is made and then closes leaves one place, not two.
  made.emit('connect');
  made.destroy();
  await once(made, 'close');
  dialWith(open, pipe, 80);
  assert.equal(opened.length, 5);
  assert.equal(await endOf(dial(pipe, 80)), 'EBUSY');
  lost.destroy();
  await once(lost, 'close');
  dialWith(open, pipe, 80);
  assert.equal(opened.length, 6);
  for (const socket of opened) socket.destroy();
});

test('one hung pipe does not hold up another, nor an address', () => {
  const { opened, open } = hung();
  for (let n = 0; n < 4; n += 1) dialWith(open, String.raw`\\?\pipe\one`, 80);
  dialWith(open, String.raw`\\?\pipe\two`, 80);
  for (let n = 0; n < 5; n += 1) dialWith(open, '127.0.0.1', 80);
  assert.equal(opened.length, 10);
  for (const socket of opened) socket.destroy();
});

test('a request over a connection that is refused so gets the error', async () => {
  const pipe = String.raw`\\.\pipe\asked`;
  const { opened, open } = hung();
  for (let n = 0; n < 4; n += 1) dialWith(open, pipe, 80);
  const asked = request({ createConnection: () => dial(pipe, 80) });
  asked.end('body');
  assert.equal(await endOf(asked), 'EBUSY');
  for (const socket of opened) socket.destroy();
});
