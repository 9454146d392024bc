import assert from 'node:assert/strict';
import { createServer as createTlsServer } from 'node:https';
import { describe, test } from 'node:test';
import { managed } from '../../support/fake-pm2.ts';
import { certificate, privateKey } from '../../probe/support/certificate.ts';
import { httpServer, listen, rawServer, scripted } from '../../probe/support/servers.ts';
import { at, propose } from './app-at.ts';

describe('the block for a running app', () => {
  for (const status of [200, 301, 401, 404, 500, 503]) {
    test(`takes an answer of ${status} as alive`, async (t) => {
      const { port } = await httpServer(t, (_, response) => {
        response.writeHead(status).end('answer');
      });
      const { block, found } = await propose({ listeners: { 100: [at(port)] } });
      assert.deepEqual(block, { http: { url: `http://localhost:${port}/`, status: '100-599' } });
      assert.equal(found, `web listens on port ${port} and answered HTTP with ${status}`);
    });
  }

  test('finds the port of a child, below npm and a shell', async (t) => {
    const { port } = await httpServer(t, (_, response) => response.end('answer'));
    const { block } = await propose({
      commands: ['npm start', 'sh -c node server.js', 'node server.js'],
      listeners: { 202: [at(port, '0.0.0.0', 202)] },
    });
    assert.deepEqual(block, { http: { url: `http://localhost:${port}/`, status: '100-599' } });
  });

  test('is tcp, with what that cannot see, only where HTTP was refused', async (t) => {
    const { port } = await scripted(t, '-ERR unknown command\r\n', 'end');
    const { block, found, warning } = await propose({ listeners: { 100: [at(port)] } });
    assert.deepEqual(block, { tcp: `localhost:${port}` });
    assert.equal(found, `web listens on port ${port} and speaks no HTTP`);
    assert.match(warning ?? '', /a hung app still passes/);
  });

  test('is none where the port accepts and gives no answer', async (t) => {
    const { port } = await rawServer(t, () => undefined);
    const { block, found } = await propose({ listeners: { 100: [at(port)] } });
    assert.equal(block, null);
    assert.match(found, /gave no answer to HTTP within 4 s: it hangs/);
  });

  test('is that of the dev server that still compiles, by its command line', async (t) => {
    const { port } = await rawServer(t, () => undefined);
    const { block, found } = await propose({
      commands: ['npm run dev', 'node /app/node_modules/.bin/next dev -p 1'],
      listeners: { 201: [at(port, '0.0.0.0', 201)] },
    });
    assert.equal(block?.timeout, '10s');
    assert.match(found, /does not answer yet, so this is what next gets/);
  });

  for (const [server, commands, args] of [
    ['Angular', ['npm start', 'ng serve --port 1']],
    [
      'Storybook, whose title lacks its words',
      ['node /app/node_modules/storybook/dist/bin/dispatcher.js'],
      ['dev', '-p', '1'],
    ],
    ['Next, whose title lacks its words', ['node /app/node_modules/next/dist/bin/next'], ['dev']],
  ] as const) {
    test(`gives ${server}, which compiles, the time for it`, async (t) => {
      const { port } = await httpServer(t, (_, response) => response.end('page'));
      const { block } = await propose({
        processes: [managed({ env: args === undefined ? {} : { args } })],
        commands,
        listeners: { 100: [at(port)] },
      });
      assert.deepEqual(block, {
        http: { url: `http://localhost:${port}/`, status: '100-599' },
        timeout: '10s',
        startupTimeout: '180s',
        busyGrace: '60s',
      });
    });
  }

  test('is http for Nuxt, which answers the ping of Vite too', async (t) => {
    const { port } = await httpServer(t, (request, response) => {
      const isPing = request.headers.accept === 'text/x-vite-ping';
      if (isPing) response.writeHead(204).end();
      else response.end('<script type="module" src="/_nuxt/@vite/client"></script>');
    });
    const { block, found } = await propose({
      commands: ['npm run dev', 'node /app/node_modules/.bin/nuxt dev'],
      listeners: { 201: [at(port, '127.0.0.1', 201)] },
    });
    assert.deepEqual(block?.http, { url: `http://localhost:${port}/`, status: '100-599' });
    assert.match(found, /answered HTTP with 200/);
  });

  test('is none where the app ends with the question', async (t) => {
    const server = await rawServer(t, (socket) => {
      socket.destroy();
      void server.close();
    });
    const { block, found } = await propose({ listeners: { 100: [at(server.port)] } });
    assert.equal(block, null);
    assert.match(found, /closed port \d+ while it was asked/);
  });

  test('speaks TLS where the app does, and does not check what it signed itself', async (t) => {
    const server = createTlsServer({ cert: certificate, key: privateKey }, (_, response) => {
      response.end('answer');
    });
    const { port } = await listen(t, server);
    const { block, found, warning } = await propose({ listeners: { 100: [at(port)] } });
    assert.deepEqual(block, {
      http: { url: `https://localhost:${port}/`, status: '100-599', rejectUnauthorized: false },
    });
    assert.match(found, /answered HTTPS with 200/);
    assert.match(warning ?? '', /certificate is not trusted here/);
  });

  test('asks with HEAD where the answer to GET never ends', async (t) => {
    const { port } = await httpServer(t, (request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (request.method === 'HEAD') response.end();
      else response.write('data: 1\n\n');
    });
    const { block } = await propose({ listeners: { 100: [at(port)] } });
    const url = `http://localhost:${port}/`;
    assert.deepEqual(block?.http, { url, status: '100-599', method: 'HEAD' });
  });

  test('does not follow redirects in a circle', async (t) => {
    const { port } = await httpServer(t, (_, response) => {
      response.writeHead(302, { location: '/' }).end();
    });
    const { block } = await propose({ listeners: { 100: [at(port)] } });
    const status = ['100-299', '300-399', '400-599'];
    assert.deepEqual(block, { http: { url: `http://localhost:${port}/`, status } });
  });

  test('gives a slow app more time', async (t) => {
    const { port } = await httpServer(t, (_, response) => {
      setTimeout(() => response.end('answer'), 1_200);
    });
    const { block, found } = await propose({ listeners: { 100: [at(port)] } });
    assert.equal(block?.timeout, '10s');
    assert.match(found, /answered HTTP with 200 after 1\.\ds/);
  });

  test('is http for a server that answers 204 to everything, also to the ping of Vite', async (t) => {
    const { port } = await httpServer(t, (_, response) => response.writeHead(204).end());
    const { block } = await propose({ listeners: { 100: [at(port)] } });
    assert.deepEqual(block, { http: { url: `http://localhost:${port}/`, status: '100-599' } });
  });

  test('is read from a body without end, and from one of garbage, in bounded time', async (t) => {
    const endless = await httpServer(t, (_, response) => {
      const write = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', write);
      write();
    });
    const { block } = await propose({ listeners: { 100: [at(endless.port)] } });
    assert.deepEqual(block, {
      http: { url: `http://localhost:${endless.port}/`, status: '100-599' },
    });
  });
});

describe('an app with several ports', () => {
  test('is asked where it serves pages, not where it gives figures', async (t) => {
    const figures = await httpServer(t, (_, response) => response.end('up 1'));
    const pages = await httpServer(t, (_, response) => {
      response.setHeader('content-type', 'text/html').end('<p>hello</p>');
    });
    const { block, found } = await propose({
      listeners: { 100: [at(figures.port), at(pages.port)] },
    });
    assert.deepEqual(block, {
      http: { url: `http://localhost:${pages.port}/`, status: '100-599' },
    });
    assert.match(found, new RegExp(`; it listens on ${figures.port} too$`));
  });

  test('is asked at the port of its environment', async (t) => {
    const api = await httpServer(t, (_, response) => response.end('{}'));
    const admin = await httpServer(t, (_, response) => {
      response.setHeader('content-type', 'text/html').end('<p>hello</p>');
    });
    const { block } = await propose({
      processes: [managed({ env: { PORT: String(api.port) } })],
      listeners: { 100: [at(api.port), at(admin.port)] },
    });
    assert.deepEqual(block, { http: { url: `http://localhost:${api.port}/`, status: '100-599' } });
  });

  test("is never asked at Node's inspector, nor where hot reload listens", async (t) => {
    const asked: string[] = [];
    const inspector = await httpServer(t, (request, response) => {
      asked.push(request.url ?? '');
      response.end();
    });
    const hidden = [at(9229), at(24_678), at(inspector.port)];
    const { block, found } = await propose({
      processes: [managed({ env: { node_args: [`--inspect=127.0.0.1:${inspector.port}`] } })],
      listeners: { 100: hidden },
    });
    assert.equal(block, null);
    assert.match(
      found,
      /^web listens nowhere; this system does not show who has a pipe or Unix socket/,
    );
    assert.match(found, /npx pm2-liveness watch web \S+; if it is a worker, use a heartbeat/);
    assert.deepEqual(asked, []);
  });

  test("knows Node's inspector on any port by its answer", async (t) => {
    const text = 'WebSockets request was expected\r\n';
    const answer = `HTTP/1.0 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
    const { port } = await scripted(t, answer, 'end');
    const { block, found } = await propose({ listeners: { 100: [at(port)] } });
    assert.equal(block, null);
    assert.match(found, /Node's inspector/);
  });
});

describe('an app with several instances', () => {
  const instance = (pmId: number, pid: number, port: number): ReturnType<typeof managed> =>
    managed({ pmId, pid, env: { PORT: String(port), increment_var: 'PORT' } });

  test('each with its own port says ${PORT}', async (t) => {
    const one = await httpServer(t, (_, response) => response.end('1'));
    const two = await httpServer(t, (_, response) => response.end('2'));
    const { block } = await propose({
      processes: [instance(0, 100, one.port), instance(1, 101, two.port)],
      listeners: { 100: [at(one.port)], 101: [at(two.port)] },
    });
    assert.deepEqual(block, { http: { url: 'http://localhost:${PORT}/', status: '100-599' } });
  });

  test('without a variable for the ports gets none, and learns how', async (t) => {
    const one = await httpServer(t, (_, response) => response.end('1'));
    const { block, found } = await propose({
      processes: [managed(), managed({ pmId: 1, pid: 101 })],
      listeners: { 100: [at(one.port)], 101: [at(1)] },
    });
    assert.equal(block, null);
    assert.match(found, /set PORT and increment_var: 'PORT'/);
  });

  test("in cluster mode is found among the ports of PM2's daemon", async (t) => {
    const one = await httpServer(t, (_, response) => response.end('1'));
    const other = await httpServer(t, (_, response) => response.end('2'));
    const app = { isCluster: true, env: { PORT: String(other.port) } };
    const { block } = await propose({
      daemonPid: 7,
      processes: [
        managed({ isCluster: true }),
        managed({ pmId: 1, pid: 101, isCluster: true }),
        managed({ ...app, pmId: 2, pid: 102, name: 'api' }),
      ],
      listeners: { 7: [at(one.port), at(other.port)] },
    });
    assert.deepEqual(block, { http: { url: `http://localhost:${one.port}/`, status: '100-599' } });
  });

  test('in cluster mode gets none where two apps may have the port', async () => {
    const { block, found } = await propose({
      daemonPid: 7,
      processes: [
        managed({ isCluster: true }),
        managed({ pmId: 2, pid: 102, isCluster: true, name: 'api' }),
      ],
      listeners: { 7: [at(3000), at(4000)] },
    });
    assert.equal(block, null);
    assert.match(found, /holds ports 3000, 4000 for web and api/);
  });
});

describe('an app without a port', () => {
  test('that does not run is not asked', async () => {
    const { block, found } = await propose({ processes: [managed({ pid: 0, status: 'stopped' })] });
    assert.equal(block, null);
    assert.equal(found, 'web does not run (PM2 says stopped)');
  });

  test('that another user runs is not seen', async () => {
    const { found } = await propose({ reader: { closed: async () => [100] } });
    assert.match(found, /another user runs web \(process 100\)/);
  });

  test('is not known where the system does not show it', async () => {
    const { found } = await propose({ reader: { processes: async () => null } });
    assert.equal(found, 'this system does not show where web listens');
  });

  test('that has just started is waited for', async (t) => {
    const { port } = await httpServer(t, (_, response) => response.end('1'));
    let looks = 0;
    const { block } = await propose({
      processes: [managed({ startedAt: Date.now() })],
      reader: { listenersOf: async () => ((looks += 1) > 2 ? [at(port)] : []) },
    });
    assert.deepEqual(block, { http: { url: `http://localhost:${port}/`, status: '100-599' } });
  });
});
