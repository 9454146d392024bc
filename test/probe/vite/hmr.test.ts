import assert from 'node:assert/strict';
import { get } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { createServer as createVite8 } from 'vite';
import { createServer as createVite7 } from 'vite-7';
import type { Outcome } from '../../../src/probe/probe.ts';
import { hotReloadUrls } from '../../../src/probe/vite/hmr.ts';
import { until, verdictOf } from '../support/ask.ts';
import { fakeVite, script, viteProbe } from '../support/fake-vite.ts';
import { freePort, httpServer, listen } from '../support/servers.ts';
import { viteApp } from '../support/vite-app.ts';
import type { ViteApp } from '../support/vite-app.ts';

/** Spares the work of optimising React. */
const PLAIN = { optimizeDeps: { noDiscovery: true } };
const DEEP = { deepTimeoutMs: 15_000, hmr: true };

const VERSIONS = {
  // as: the options of both versions that are used here are the same
  '7': createVite7 as unknown as typeof createVite8,
  '8': createVite8,
};

/** The sample of a probe once a deep check has failed. */
async function untilTold(t: TestContext, url: string, more = DEEP): Promise<Outcome> {
  const { run } = viteProbe(t, url, more);
  let sample = await run();
  await until(
    async () => {
      if (sample.kind === 'ok') sample = await run();
      return sample.kind === 'fail';
    },
    'a deep check that fails',
    10_000,
  );
  return sample;
}

/** Counts the handshakes of hot reload: a deep check has passed when there was one. */
function handshakes(app: ViteApp): { readonly count: () => number } {
  let count = 0;
  app.server.httpServer?.on('upgrade', () => (count += 1));
  return { count: () => count };
}

for (const [version, create] of Object.entries(VERSIONS)) {
  describe(`hot reload of Vite ${version}`, () => {
    const serve = (t: TestContext, config: Parameters<typeof viteApp>[1]): Promise<ViteApp> =>
      viteApp(t, { ...PLAIN, ...config }, create);
    const server = { hmr: true, ws: {} };

    test('that reaches the browser is ok, under a base too', async (t) => {
      for (const base of ['/', '/app/']) {
        const app = await serve(t, { base, server });
        const opened = handshakes(app);
        const { run } = viteProbe(t, app.url, DEEP);
        const verdicts = new Set<string>();
        await until(async () => {
          verdicts.add(verdictOf(await run()));
          return opened.count() >= 3;
        }, 'three deep checks');
        assert.deepEqual([...verdicts], ['ok']);
      }
    });

    test('is not checked unless it is set', async (t) => {
      const app = await serve(t, { server });
      const opened = handshakes(app);
      let walks = 0;
      app.server.httpServer?.on('request', ({ url }) => {
        if (url?.startsWith('/src/App.tsx') === true) walks += 1;
      });
      const { run } = viteProbe(t, app.url, { deepTimeoutMs: 15_000 });
      await until(async () => {
        assert.equal(verdictOf(await run()), 'ok');
        return walks >= 3;
      }, 'three deep checks');
      assert.equal(opened.count(), 0);
    });

    test('on a port of its own is checked there', async (t) => {
      const port = await freePort(t);
      const app = await serve(t, { server: { hmr: { port }, ws: {} } });
      const { run } = viteProbe(t, app.url, DEEP);
      const other = await untilAsked(t, app, run);
      assert.equal(other, 'ok');
    });

    test('on a port where nobody listens is reported, as a fault that a restart does not fix', async (t) => {
      const clientPort = await freePort(t);
      const app = await serve(t, { server: { hmr: { clientPort }, ws: {} } });
      const outcome = await untilTold(t, app.url);
      assert.equal(verdictOf(outcome), 'fail misconfig');
      assert.equal(
        outcome.detail,
        `hot reload does not reach the browser: 127.0.0.1:${clientPort}: connect ECONNREFUSED 127.0.0.1:${clientPort}: see \`server.hmr\``,
      );
    });

    test('behind a proxy that drops upgrades is reported', async (t) => {
      const app = await serve(t, { server });
      const target = new URL(app.url);
      const proxy = await httpServer(t, (request, response) => {
        // As proxies do: what is between two hops alone goes no further.
        const { url: path } = request;
        const headers = { ...request.headers };
        delete headers.connection;
        delete headers.upgrade;
        get(target, { path, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        });
      });
      const outcome = await untilTold(t, `http://127.0.0.1:${proxy.port}/`);
      assert.equal(verdictOf(outcome), 'fail misconfig');
      assert.match(outcome.detail, /answered 200 OK to the WebSocket handshake, wanted 101/);
    });

    test('that is turned off is reported where the check is set', async (t) => {
      const app = await serve(t, {});
      const outcome = await untilTold(t, app.url);
      assert.equal(verdictOf(outcome), 'fail misconfig');
      assert.match(outcome.detail, /^hot reload does not reach the browser/);
    });

    test('comes after the source: a broken module is reported first', async (t) => {
      const app = await serve(t, {});
      await app.write('src/App.tsx', 'let a = ;');
      assert.equal(verdictOf(await untilTold(t, app.url)), 'fail source');
    });
  });
}

/** Runs until the client script has been asked for twice, so that one deep check is over. */
async function untilAsked(
  t: TestContext,
  app: ViteApp,
  run: () => Promise<Outcome>,
): Promise<string> {
  let clients = 0;
  app.server.httpServer?.on('request', ({ url }) => {
    if (url?.endsWith('/@vite/client') === true) clients += 1;
  });
  const verdicts = new Set<string>();
  await until(async () => {
    verdicts.add(verdictOf(await run()));
    return clients >= 3;
  }, 'three deep checks');
  t.diagnostic(`${clients} deep checks`);
  return [...verdicts].join(', ');
}

test('a server that gives no answer to the upgrade is reported in time', async (t) => {
  const vite = await fakeVite(t);
  const deaf = await listen(t, createTcpServer());
  vite.answers.set('/@vite/client', script(`const hmrPort = ${deaf.port};`));
  const outcome = await untilTold(t, vite.url, { ...DEEP, deepTimeoutMs: 15_000 });
  assert.match(
    outcome.detail,
    new RegExp(`127\\.0\\.0\\.1:${deaf.port}: no answer within 5000 ms`),
  );
});

test('a place to which there is no way from here says nothing', async (t) => {
  const vite = await fakeVite(t);
  const host =
    'const socketHost = `${"255.255.255.255" || importMetaUrl.hostname}:${hmrPort || importMetaUrl.port}${"/"}`;';
  vite.answers.set('/@vite/client', script(`const hmrPort = 1;\n${host}`));
  const { run } = viteProbe(t, vite.url, DEEP);
  const verdicts = new Set<string>();
  await until(async () => {
    verdicts.add(verdictOf(await run()));
    return vite.asked.filter((path) => path === '/@vite/client').length >= 3;
  }, 'three deep checks');
  assert.deepEqual([...verdicts], ['ok']);
});

describe('where hot reload is checked', () => {
  const at = (client: string, page = 'http://127.0.0.1:5173/app/'): string[] =>
    hotReloadUrls(client, new URL(page)).map(({ href }) => href);
  const client = (host: string, port: string, path: string, protocol = 'null'): string =>
    [
      `const socketProtocol = ${protocol} || (importMetaUrl.protocol === "https:" ? "wss" : "ws");`,
      `const hmrPort = ${port};`,
      `const socketHost = \`\${${host} || importMetaUrl.hostname}:\${hmrPort || importMetaUrl.port}\${"${path}"}\`;`,
      `const directSocketHost = "localhost:5173/app/";`,
    ].join('\n');

  test('is beside the page, and then where the server is, as the browser tries them', () => {
    const urls = ['ws://127.0.0.1:5173/app/', 'ws://localhost:5173/app/'];
    assert.deepEqual(at(client('null', 'null', '/app/')), urls);
  });

  test('is where the settings say', () => {
    const urls = ['wss://dev.example/app/hmr'];
    assert.deepEqual(at(client('"dev.example"', '443', '/app/hmr', '"wss"')), urls);
  });

  test('is the base where the client says nothing', () => {
    assert.deepEqual(at(''), ['ws://127.0.0.1:5173/app/']);
    assert.deepEqual(at('', 'https://[::1]/'), ['wss://[::1]/']);
  });
});
