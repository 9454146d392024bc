import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { SecretText } from '../../src/config/secrets/secret-text.ts';
import { ListenerSession } from '../../src/listener/listener-session.ts';
import { textAnswer, type ListenerRoutes } from '../../src/listener/route.ts';
import { systemClock as clock } from '../../src/time/clock.ts';
import { freePort } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

const ROUTES: ListenerRoutes = new Map([['/ok', () => textAnswer(200, 'ok')]]);

describe('a listener session', () => {
  let running: ListenerSession | null = null;
  let other: Server | null = null;
  let lines: string[] = [];

  afterEach(async () => {
    await running?.close();
    other?.close();
    [running, other, lines] = [null, null, []];
  });

  function open(port: number, token: SecretText | null = null): ListenerSession {
    const log = { line: (_: string, message: string) => void lines.push(message) };
    const address = { host: '127.0.0.1', port };
    running = new ListenerSession({ address, token, routes: ROUTES, clock, log });
    running.start();
    return running;
  }

  const occupy = (port: number): Promise<Server> =>
    new Promise((resolve) => {
      const server = createServer().listen(port, '127.0.0.1', () => resolve(server));
    });

  test('answers, and frees the port when it is closed', async () => {
    const port = await freePort();
    const session = open(port);
    await until('it listens', () => session.port === port);
    assert.equal((await fetch(`http://127.0.0.1:${port}/ok`)).status, 200);
    assert.equal(session.warning, null);
    await session.close();
    await session.close();
    assert.equal(session.port, null);
    other = await occupy(port);
    assert.deepEqual(lines, [`the apps can be seen at http://127.0.0.1:${port}`]);
  });

  test('says that its port is taken, and has it as soon as it is free', async () => {
    const port = await freePort();
    other = await occupy(port);
    const session = open(port);
    const warning = `LIVENESS_HTTP 127.0.0.1:${port}: the port is taken by another program`;
    await until('it is reported', () => session.warning === warning);
    other.close();
    await until('it listens', () => session.port === port);
    assert.equal(session.warning, null);
    assert.deepEqual(lines, [
      `${warning}; tried again in 1s, then less often`,
      `LIVENESS_HTTP 127.0.0.1:${port} is free again`,
      `the apps can be seen at http://127.0.0.1:${port}`,
    ]);
  });

  test('stops while it waits for a port', async () => {
    const port = await freePort();
    other = await occupy(port);
    const session = open(port);
    await until('it is reported', () => session.warning !== null);
    await session.close();
  });

  test('asks for the token, once in the URL', async () => {
    const port = await freePort();
    const token = '0123456789abcdef+/';
    const session = open(port, new SecretText(token));
    await until('it listens', () => session.port === port);
    const at = `http://127.0.0.1:${port}/ok`;
    assert.equal((await fetch(at)).status, 401);
    const headers = { authorization: `Bearer ${token}`, host: 'anything.example' };
    assert.equal((await fetch(at, { headers })).status, 200);
    const first = await fetch(`${at}?x=1&token=${token}`, { redirect: 'manual' });
    assert.equal(first.status, 303);
    assert.equal(first.headers.get('location'), '/ok?x=1');
    const setCookie = first.headers.get('set-cookie') ?? '';
    assert.match(setCookie, /; HttpOnly; SameSite=Strict$/);
    assert.ok(!setCookie.includes(token));
    const cookie = setCookie.split(';')[0] ?? '';
    assert.equal((await fetch(at, { headers: { cookie } })).status, 200);
    assert.equal((await fetch(at, { headers: { cookie: `${cookie}x` } })).status, 401);
    const page = await fetch(`${at}?token=${token}`, { headers: { accept: 'text/html' } });
    assert.equal(page.status, 200);
    assert.equal(page.headers.get('refresh'), '0; url=/ok');
  });
});
