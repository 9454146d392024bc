import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProbe } from '../../../src/probe/registry.ts';
import { runProbe } from '../../../src/probe/runner.ts';
import { ask, http, now, verdictOf } from '../support/ask.ts';
import { bothFamilies, freePort, httpServer, rawServer } from '../support/servers.ts';

test('an answer in the wanted range is ok, with its timings', async (t) => {
  const { port } = await httpServer(t, (_request, response) => response.end('hello'));
  const sample = await ask(http(`http://127.0.0.1:${port}/`));
  assert.equal(verdictOf(sample), 'ok');
  assert.ok(sample.kind === 'ok');
  assert.deepEqual(Object.keys(sample.timings ?? {}), ['connectMs', 'firstByteMs', 'transferMs']);
});

test('the request is as set, over a connection that is closed', async (t) => {
  let seen: object = {};
  const server = await httpServer(t, (request, response) => {
    seen = { method: request.method, url: request.url, headers: request.headers };
    response.end();
  });
  const url = `http://me:se%40cret@127.0.0.1:${server.port}/health?deep=1#part`;
  const options = http(url, {
    method: 'post',
    headers: { 'X-Token': 'abc', Accept: 'text/plain' },
  });
  assert.equal(verdictOf(await ask(options)), 'ok');
  assert.deepEqual(seen, {
    method: 'POST',
    url: '/health?deep=1',
    headers: {
      host: `127.0.0.1:${server.port}`,
      'user-agent': 'pm2-liveness',
      accept: 'text/plain',
      'accept-encoding': 'identity',
      connection: 'close',
      authorization: `Basic ${Buffer.from('me:se@cret').toString('base64')}`,
      'x-token': 'abc',
      'content-length': '0',
    },
  });
});

test('each run is a fresh connection', async (t) => {
  let connections = 0;
  const { port } = await httpServer(t, (_request, response) => response.end());
  const server = await rawServer(t, (socket) => {
    connections += 1;
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
  });
  const probe = createProbe(http(`http://127.0.0.1:${server.port}/`));
  for (let run = 0; run < 3; run += 1) {
    assert.equal(verdictOf(await runProbe(probe, { now, timeoutMs: 1000 })), 'ok');
  }
  assert.equal(connections, 3);
  assert.ok(port > 0);
});

test('the status ranges are inclusive, and a miss says what was wanted', async (t) => {
  const { port } = await httpServer(t, (request, response) => {
    response.statusCode = Number(request.url?.slice(1));
    response.end();
  });
  const at = (status: number, ranges: readonly (readonly [number, number])[]) =>
    ask(http(`http://127.0.0.1:${port}/${status}`, { status: ranges }));
  assert.equal(verdictOf(await at(200, [[200, 204]])), 'ok');
  assert.equal(verdictOf(await at(204, [[200, 204]])), 'ok');
  assert.equal(
    verdictOf(
      await at(404, [
        [200, 204],
        [404, 404],
      ]),
    ),
    'ok',
  );
  const sample = await at(503, [
    [200, 204],
    [404, 404],
  ]);
  assert.equal(verdictOf(sample), 'fail status');
  assert.equal(sample.detail, 'answered 503 Service Unavailable, wanted 200-204, 404');
});

test('an unwanted status is reported at once, with any body', async (t) => {
  const { port } = await httpServer(t, (_request, response) => {
    response.writeHead(500);
    response.write('and then nothing');
  });
  const sample = await ask(http(`http://127.0.0.1:${port}/`));
  assert.equal(verdictOf(sample), 'fail status');
});

test('a body is searched for a text or by an expression', async (t) => {
  const { port } = await httpServer(t, (_request, response) => response.end('state: up, ünïcode'));
  const url = `http://127.0.0.1:${port}/`;
  assert.equal(verdictOf(await ask(http(url, { body: 'state: up' }))), 'ok');
  assert.equal(verdictOf(await ask(http(url, { body: /ünï/ }))), 'ok');
  assert.equal(verdictOf(await ask(http(url, { bodyNot: 'down' }))), 'ok');
  const missing = await ask(http(url, { body: 'ready' }));
  assert.equal(verdictOf(missing), 'fail body');
  assert.equal(missing.detail, '"ready" not found in the body');
  const forbidden = await ask(http(url, { body: 'state', bodyNot: /U[PQ]/i }));
  assert.equal(verdictOf(forbidden), 'fail body');
  assert.equal(forbidden.detail, '/U[PQ]/i found in the body');
});

test('an expression with /g or /y starts at the beginning each time', async (t) => {
  const { port } = await httpServer(t, (_request, response) => response.end('up'));
  for (const body of [/up/g, /up/y]) {
    const probe = createProbe(http(`http://127.0.0.1:${port}/`, { body }));
    for (let run = 0; run < 3; run += 1) {
      assert.equal(verdictOf(await runProbe(probe, { now, timeoutMs: 1000 })), 'ok');
    }
  }
});

test('a text past the first 64 KiB is not found, and the detail says how much was searched', async (t) => {
  const { port } = await httpServer(t, (request, response) => {
    const length = Number(request.url?.slice(1));
    response.end(`${'x'.repeat(length)}needle`);
  });
  const at = (length: number) =>
    ask(http(`http://127.0.0.1:${port}/${length}`, { body: 'needle' }));
  assert.equal(verdictOf(await at(64 * 1024 - 6)), 'ok');
  const sample = await at(64 * 1024 - 5);
  assert.equal(verdictOf(sample), 'fail body');
  assert.equal(sample.detail, '"needle" not found in the first 64 KiB of the body');
});

test('HEAD needs no body, though a length is announced', async (t) => {
  const { port } = await httpServer(t, (_request, response) => {
    response.setHeader('content-length', '1000');
    response.end();
  });
  const sample = await ask(http(`http://127.0.0.1:${port}/`, { method: 'HEAD' }));
  assert.equal(verdictOf(sample), 'ok');
});

test('redirects on the same origin are followed and the last answer is judged', async (t) => {
  const { port } = await httpServer(t, (request, response) => {
    const next: Record<string, string> = {
      '/': 'a',
      '/a': '/b?x=1',
      '/b?x=1': `http://127.0.0.1:${port}/end`,
    };
    const location = next[request.url ?? ''];
    if (location === undefined) {
      response.writeHead(500).end();
      return;
    }
    response.writeHead(302, { location }).end();
  });
  const sample = await ask(http(`http://127.0.0.1:${port}/`));
  assert.equal(verdictOf(sample), 'fail status');
  assert.match(sample.detail, /answered 500/);
});

test('a redirect is judged itself if it leads elsewhere or if its status is wanted', async (t) => {
  let asked = 0;
  const { port } = await httpServer(t, (_request, response) => {
    asked += 1;
    response.writeHead(302, { location: 'http://127.0.0.2:1/' }).end();
  });
  const url = `http://127.0.0.1:${port}/`;
  assert.equal(verdictOf(await ask(http(url))), 'ok');
  const narrow = await ask(http(url, { status: [[200, 299]] }));
  assert.equal(verdictOf(narrow), 'fail status');
  assert.equal(narrow.detail, 'answered 302 Found to http://127.0.0.2:1/, wanted 200-299');
  assert.equal(asked, 2);

  const other = await httpServer(t, (request, response) => {
    if (request.url === '/') response.writeHead(301, { location: '/elsewhere' }).end();
    else response.writeHead(500).end();
  });
  const wanted = http(`http://127.0.0.1:${other.port}/`, { status: [[301, 302]] });
  assert.equal(verdictOf(await ask(wanted)), 'ok');
});

test('redirects that never end fail with a clear sentence', async (t) => {
  let asked = 0;
  const { port } = await httpServer(t, (_request, response) => {
    asked += 1;
    response.writeHead(307, { location: '/again' }).end();
  });
  const sample = await ask(http(`http://127.0.0.1:${port}/`));
  assert.equal(verdictOf(sample), 'fail status');
  assert.equal(sample.detail, 'more than 5 redirects, the last one to /again');
  assert.equal(asked, 6);
});

test('all hops together have one deadline', async (t) => {
  const { port } = await httpServer(t, (_request, response) => {
    setTimeout(() => response.writeHead(302, { location: '/again' }).end(), 120);
  });
  const sample = await ask(http(`http://127.0.0.1:${port}/`), 300);
  assert.equal(verdictOf(sample), 'fail timeout');
});

test('nothing there is refused', async (t) => {
  const port = await freePort(t);
  const sample = await ask(http(`http://localhost:${port}/`));
  assert.equal(verdictOf(sample), 'fail refused');
  assert.equal(sample.detail, `connect ECONNREFUSED 127.0.0.1:${port} and [::1]:${port}`);
});

test('localhost answers on IPv6 alone, and its Host header keeps the name', async (t) => {
  let host: string | undefined;
  const { port } = await httpServer(
    t,
    (request, response) => {
      host = request.headers.host;
      response.end();
    },
    '::1',
  );
  assert.equal(verdictOf(await ask(http(`http://localhost:${port}/`))), 'ok');
  assert.equal(host, `localhost:${port}`);
  assert.equal(verdictOf(await ask(http(`http://[::1]:${port}/`))), 'ok');
});

test('a listener that hangs on one family does not hide the other', async (t) => {
  const hang = (host: string, port: number) => rawServer(t, () => undefined, host, port);
  const answer = (host: string, port: number) =>
    httpServer(t, (_request, response) => response.end(), host, port);
  for (const [first, second] of [
    [hang, answer],
    [answer, hang],
  ] as const) {
    const port = await bothFamilies(first, second);
    assert.equal(verdictOf(await ask(http(`http://localhost:${port}/`), 600)), 'ok');
  }
});

test('a header that cannot be sent is a broken probe', async (t) => {
  const { port } = await httpServer(t, (_request, response) => response.end());
  const options = http(`http://127.0.0.1:${port}/`, { headers: { 'x-bad': 'a\r\nb: c' } });
  assert.equal(verdictOf(await ask(options)), 'unknown broken-probe');
});

test('nothing is left open after many runs', async (t) => {
  const server = await httpServer(t, (request, response) => {
    if (request.url === '/hang') return;
    response.end('x'.repeat(1000));
  });
  const url = `http://127.0.0.1:${server.port}`;
  const runs = [...Array.from({ length: 20 }, () => '/'), '/hang', '/hang'];
  await Promise.all(runs.map((path) => ask(http(`${url}${path}`), path === '/' ? 2000 : 50)));
  const sockets = (): number =>
    process.getActiveResourcesInfo().filter((type) => type === 'TCPSocketWrap').length;
  const { until } = await import('../support/ask.ts');
  await until(() => sockets() === 0, 'all sockets closed');
});
