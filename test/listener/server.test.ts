import assert from 'node:assert/strict';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { SecretText } from '../../src/config/secrets/secret-text.ts';
import { AccessCheck } from '../../src/listener/access.ts';
import { etagOf } from '../../src/listener/etag.ts';
import type { EventClient } from '../../src/listener/event-client.ts';
import { LISTENER_LIMITS } from '../../src/listener/limits.ts';
import { textAnswer, type ListenerRoute } from '../../src/listener/route.ts';
import { createListenerServer, type ListenerServer } from '../../src/listener/server.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { until } from '../support/until.ts';

const BIG = 'x'.repeat(8_000_000);
const TOKEN = '0123456789abcdef';
const LIMITS = {
  ...LISTENER_LIMITS,
  headersMs: 400,
  requestMs: 800,
  answerMs: 300,
  readMs: 500,
  idleMs: 600,
  connections: 8,
  streams: 2,
};

describe('the listener', () => {
  const streams: EventClient[] = [];
  const bugs: unknown[] = [];
  const routes = new Map<string, ListenerRoute>([
    ['/ok', () => textAnswer(200, 'ok')],
    ['/name/*', ({ name }) => textAnswer(200, name)],
    ['/mark', () => ({ ...textAnswer(200, 'mark'), etag: etagOf('mark') })],
    ['/big', () => textAnswer(200, BIG)],
    ['/late', () => new Promise(() => undefined)],
    ['/events', () => ({ open: (client: EventClient) => void streams.push(client) })],
    [
      '/throws',
      () => {
        throw new Error('C4N4RY');
      },
    ],
  ]);
  let plain: ListenerServer;
  let guarded: ListenerServer;
  let port = 0;
  let guardedPort = 0;

  const begin = async (token: SecretText | null): Promise<[ListenerServer, number]> => {
    const address = { host: '127.0.0.1', port: 9616 };
    const access = new AccessCheck(address, token, new FakeClock());
    const onBug = (error: unknown): void => void bugs.push(error);
    const opened = createListenerServer({ routes, access, limits: LIMITS, onBug });
    await new Promise<void>((resolve) => opened.server.listen(0, '127.0.0.1', resolve));
    return [opened, (opened.server.address() as AddressInfo).port];
  };

  before(async () => {
    [plain, port] = await begin(null);
    [guarded, guardedPort] = await begin(new SecretText(TOKEN));
  });

  after(() => {
    for (const { server, connections } of [plain, guarded]) {
      server.close();
      connections.closeAll();
    }
  });

  /** Sends bytes as they are and gives all that comes back until the end. */
  function raw(text: string, { isOpen = true, at = port } = {}): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(at, '127.0.0.1');
      let got = '';
      socket.setEncoding('utf8');
      socket.on('data', (chunk) => (got += String(chunk)));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(got));
      socket.write(text);
      if (!isOpen) socket.end();
    });
  }

  const get = (path: string, more = 'host: localhost\r\n', method = 'GET'): Promise<string> =>
    raw(`${method} ${path} HTTP/1.1\r\n${more}connection: close\r\n\r\n`);
  const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
  const isWell = async (): Promise<boolean> => statusOf(await get('/ok')) === 200;
  const none = (): Promise<boolean> =>
    until('no connection is left', () => plain.connections.size === 0);

  test('answers GET and HEAD alone, with every header of safety', async () => {
    const answer = await get('/ok');
    assert.match(answer, /^HTTP\/1\.1 200 .*\r\n\r\nok\n$/s);
    assert.match(answer, /content-security-policy: default-src 'none'; /);
    assert.doesNotMatch(answer, /unsafe|access-control|x-powered-by|\nserver:/i);
    for (const header of ['nosniff', 'no-referrer', 'DENY', 'no-store']) {
      assert.ok(answer.includes(header), header);
    }
    const head = await get('/ok', undefined, 'HEAD');
    assert.match(head, /^HTTP\/1\.1 200 .*content-length: 3\r\n.*\r\n\r\n$/s);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH']) {
      const refused = await get('/ok', undefined, method);
      assert.equal(statusOf(refused), 405, method);
      assert.match(refused, /allow: GET, HEAD\r\n/);
    }
  });

  test('answers 304 to who has the same already', async () => {
    const etag = etagOf('mark');
    assert.equal(statusOf(await get('/mark')), 200);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await get('/mark', `host: localhost\r\nif-none-match: ${known}\r\n`);
      assert.equal(statusOf(answer), 304, known);
      assert.ok(answer.endsWith('\r\n\r\n'));
    }
  });

  test('refuses the names of others, whose address may be ours (rebinding)', async () => {
    for (const host of [
      'evil.example',
      'evil.example:9616',
      '127.0.0.1.evil.example',
      '10.0.0.1',
      'localhost@x',
      '127.0.0.1:x',
      '',
    ]) {
      assert.equal(statusOf(await get('/ok', `host: ${host}\r\n`)), 421, host);
    }
    for (const host of ['localhost', 'LOCALHOST:8080', '127.0.0.1:9616', '[::1]:9616']) {
      assert.equal(statusOf(await get('/ok', `host: ${host}\r\n`)), 200, host);
    }
    // A load balancer.
    assert.equal(statusOf(await raw('GET /ok HTTP/1.0\r\n\r\n')), 200);
  });

  test('takes a path as a name, and never as a place', async () => {
    for (const path of [
      '/../../etc/passwd',
      '/%2e%2e%2fetc',
      '/ok/',
      '/name',
      '/name/',
      '/name/*/x',
      '/constructor',
      '/__proto__',
    ]) {
      assert.equal(statusOf(await get(path)), 404, path);
    }
    for (const path of [
      '//evil.example',
      'http://evil.example/ok',
      '*',
      '/<script>',
      '/a\\b',
      '/a#b',
    ]) {
      assert.equal(statusOf(await get(path)), 400, path);
    }
    assert.equal(statusOf(await get('/name/%E0%A4%A')), 404);
    assert.match(await get('/name/..%2Fetc'), /\r\n\r\n\.\.\/etc\n$/);
    assert.match(await get(`/name/${encodeURIComponent('a/b ü\u202e')}`), /a\/b ü\u202e\n$/);
    assert.equal(statusOf(await get('/name/*')), 200);
  });

  test('refuses what is too long, too many, or has a body', async () => {
    assert.equal(statusOf(await get(`/ok?${'x'.repeat(3_000)}`)), 414);
    assert.equal(statusOf(await get(`/${'x'.repeat(100_000)}`)), 431);
    assert.equal(
      statusOf(await get('/ok', `host: localhost\r\nx: ${'y'.repeat(20_000)}\r\n`)),
      431,
    );
    const many = Array.from({ length: 2_000 }, (_, n) => `x${n}: y\r\n`).join('');
    assert.equal(statusOf(await get('/ok', `host: localhost\r\n${many}`)), 431);
    const body = 'host: localhost\r\ncontent-length: 5\r\n';
    assert.equal(statusOf(await get('/ok', body)), 400);
    assert.equal(statusOf(await get('/ok', `${body}expect: 100-continue\r\n`)), 400);
    assert.equal(statusOf(await raw('this is no HTTP\r\n\r\n')), 400);
    assert.ok(await isWell());
  });

  test('says nothing of what a route threw', async () => {
    const answer = await get('/throws');
    assert.equal(statusOf(answer), 500);
    assert.doesNotMatch(answer, /C4N4RY|\n *at /);
    assert.equal(bugs.length, 1);
    assert.equal(statusOf(await get('/late')), 500);
  });

  test('ends who says nothing, is slow, reads nothing or leaves', async () => {
    await Promise.all(
      ['', 'GET /ok HT', 'GET /ok HTTP/1.1\r\nhost: x\r\n'].map((text) => raw(text)),
    );
    assert.equal(statusOf(await raw('GET /ok HTTP/1.0\r\n\r\n', { isOpen: false })), 200);
    const deaf = connect(port, '127.0.0.1').on('error', () => undefined);
    deaf.pause();
    deaf.write('GET /big HTTP/1.1\r\nhost: localhost\r\n\r\n');
    for (let i = 0; i < 20; i += 1) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      socket.write('GET /late HTTP/1.1\r\nhost: localhost\r\n\r\n', () => socket.destroy());
    }
    await none();
    deaf.destroy();
    assert.ok(await isWell());
  });

  test('ends who sends many requests before it has the answers', async () => {
    const text = 'GET /late HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(500);
    assert.equal(await raw(text), '');
    const few = 'GET /ok HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(4);
    const answers = await raw(few);
    assert.equal(answers.match(/HTTP\/1\.1 200/g)?.length, 4);
  });

  test('lets others in while a thousand slow clients hold on', async () => {
    const slow: Socket[] = [];
    for (let i = 0; i < 1_000; i += 1) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      socket.write('GET /ok HTTP/1.1\r\nx: ');
      slow.push(socket);
      assert.ok(plain.connections.size <= LIMITS.connections);
    }
    await until('an answer comes', () => isWell());
    assert.ok(plain.connections.size <= LIMITS.connections);
    for (const socket of slow) socket.destroy();
    await none();
  });

  test('keeps streams apart, bounds them, and drops who does not read', async () => {
    const open = (): Socket => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      socket.write('GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n');
      return socket;
    };
    const first = open().resume();
    await until('it is open', () => streams.length === 1);
    let isEnded = false;
    first.once('close', () => {
      isEnded = true;
    });
    const sockets = [open(), open()];
    await until('both are open', () => streams.length === 3);
    await until('the oldest is ended for them', () => isEnded);
    assert.ok(await isWell());
    sockets[0]?.pause();
    const [, deaf, other] = streams;
    await until('the deaf one is dropped', () => deaf?.send(BIG) === false, { everyMs: 5 });
    let got = '';
    sockets[1]?.on('data', (chunk) => (got += String(chunk)));
    assert.equal(other?.send('data: hello\n\n'), true);
    await until('it comes', () => got.includes('data: hello'));
    let isGone = false;
    other?.onClose(() => {
      isGone = true;
    });
    sockets[1]?.destroy();
    await until('it is known', () => isGone);
    assert.equal(other?.send('x'), false);
  });

  test('bounds the guesses of a token', async () => {
    const guess = async (more: string): Promise<number> =>
      statusOf(
        await raw(`GET /ok HTTP/1.1\r\nhost: x\r\n${more}connection: close\r\n\r\n`, {
          at: guardedPort,
        }),
      );
    assert.equal(await guess(''), 401);
    assert.equal(await guess(`authorization: Bearer ${TOKEN}\r\n`), 200);
    for (let i = 0; i < 10; i += 1) {
      assert.equal(await guess(`authorization: Bearer ${TOKEN.slice(1)}${i}\r\n`), 401);
    }
    assert.equal(await guess('authorization: Bearer x\r\n'), 429);
    assert.equal(await guess(`authorization: Bearer ${TOKEN}\r\n`), 429);
    assert.equal(await guess(''), 401);
  });
});
