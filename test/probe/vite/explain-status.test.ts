import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { createProbe } from '../../../src/probe/registry.ts';
import { ProbeRunner } from '../../../src/probe/runner.ts';
import type { HttpOptions, Sample } from '../../../src/probe/probe.ts';
import { http, now, verdictOf } from '../support/ask.ts';
import { renderingFramework } from '../support/rendering-framework.ts';
import { httpServer } from '../support/servers.ts';
import { viteApp } from '../support/vite-app.ts';
import type { ViteApp } from '../support/vite-app.ts';

/** An `http` probe that is asked again and again. */
function prober(
  t: TestContext,
  options: HttpOptions,
): { once: (timeoutMs: number) => Promise<Sample>; judged: () => Promise<Sample> } {
  const probe = createProbe(options);
  t.after(() => probe.stop());
  const runner = new ProbeRunner(probe, now);
  return {
    once: async (timeoutMs) => runner.run(timeoutMs),
    /** As often as it takes until the question to Vite is answered. */
    async judged() {
      const deadline = now() + 30_000;
      for (;;) {
        const sample = await runner.run(5_000);
        if (verdictOf(sample) !== 'unknown pending' || now() > deadline) return sample;
      }
    },
  };
}

const GOOD = "export const title = 'hello';\n";

/** A page that a framework renders, with hot reload. */
async function rendered(t: TestContext, base = '/', delayMs = 0): Promise<ViteApp> {
  const app = await viteApp(t, {
    base,
    optimizeDeps: { noDiscovery: true },
    plugins: [renderingFramework({ delayMs })],
    server: { hmr: true, ws: {} },
  });
  const write = async (file: string, text: string): Promise<void> => {
    await app.write(file, text);
    app.server.environments.ssr.moduleGraph.invalidateAll();
  };
  await write('src/title.ts', GOOD);
  const page = "import { title } from './title.ts';\nexport const render = () => title;";
  await write('src/page.ts', page);
  return { ...app, write };
}

describe('500 of a page whose framework does not say why', () => {
  test('is source with file and line while it does not compile, and good once it does', async (t) => {
    const { url, write } = await rendered(t);
    const { judged } = prober(t, http(url));
    assert.equal(verdictOf(await judged()), 'ok');
    await write('src/title.ts', 'export const title = (;\n');
    for (let times = 0; times < 2; times += 1) {
      const broken = await judged();
      assert.equal(verdictOf(broken), 'fail source', broken.detail);
      assert.match(broken.detail, /^src\/title\.ts:1:\d+ /);
    }
    await write('src/title.ts', GOOD);
    assert.equal(verdictOf(await judged()), 'ok');
  });

  test('is source where Vite says so a moment later, also below a base and where 500 is wanted', async (t) => {
    const { url, write } = await rendered(t, '/shop/', 200);
    const { judged } = prober(t, http(url, { status: [[200, 599]] }));
    await write('src/title.ts', 'export const title = (;\n');
    const broken = await judged();
    assert.equal(verdictOf(broken), 'fail source', broken.detail);
  });

  test('is not counted while Vite has not said why, and stays a status where it throws', async (t) => {
    const { url, write } = await rendered(t);
    await write('src/page.ts', "export const render = () => { throw new Error('no db'); };");
    const { once, judged } = prober(t, http(url));
    const early = await once(300);
    assert.equal(verdictOf(early), 'unknown pending', early.detail);
    const broken = await judged();
    assert.equal(verdictOf(broken), 'fail status', broken.detail);
    assert.equal(broken.detail, 'answered 500 Internal Server Error, wanted 200-399');
  });
});

describe('500 of a server that is no Vite dev server', () => {
  test('is a status at once, and it is pinged once a minute at most', async (t) => {
    const accepted: (string | undefined)[] = [];
    const { port } = await httpServer(t, (request, response) => {
      accepted.push(request.headers.accept);
      response.writeHead(500).end('no');
    });
    const { once } = prober(t, http(`http://127.0.0.1:${port}/`));
    for (let times = 0; times < 3; times += 1) {
      assert.equal(verdictOf(await once(2_000)), 'fail status');
    }
    assert.deepEqual(accepted, ['*/*', 'text/x-vite-ping', '*/*', '*/*']);
  });

  test('is not asked twice with a method that may change something', async (t) => {
    let requests = 0;
    const { port } = await httpServer(t, (_request, response) => {
      requests += 1;
      response.writeHead(500).end();
    });
    const { once } = prober(t, http(`http://127.0.0.1:${port}/`, { method: 'POST' }));
    assert.equal(verdictOf(await once(2_000)), 'fail status');
    assert.equal(requests, 1);
  });

  test('is a status where it answers everything with 204, and has no hot reload', async (t) => {
    const { port } = await httpServer(t, (request, response) => {
      response.writeHead(request.headers.accept === '*/*' && request.url === '/' ? 500 : 204).end();
    });
    const { once } = prober(t, http(`http://127.0.0.1:${port}/`));
    assert.equal(verdictOf(await once(5_000)), 'fail status');
  });
});

describe('503 of Nuxt that starts itself again', () => {
  for (const [what, title, verdict] of [
    ['is not counted', 'nuxt.config.ts updated. Restarting Nuxt... | Nuxt', 'unknown pending'],
    ['is a status in any other page', 'Maintenance', 'fail status'],
  ] as const) {
    test(what, async (t) => {
      const { port } = await httpServer(t, (_request, response) => {
        response
          .writeHead(503)
          .end(`<!DOCTYPE html><html><head><title>${title}</title></head></html>`);
      });
      const { once } = prober(t, http(`http://127.0.0.1:${port}/`));
      assert.equal(verdictOf(await once(2_000)), verdict);
    });
  }

  test('is a status once it has lasted for two minutes', async (t) => {
    const { port } = await httpServer(t, (_request, response) => {
      response.writeHead(503).end('<title>Starting Nuxt... | Nuxt</title>');
    });
    const probe = createProbe(http(`http://127.0.0.1:${port}/`));
    t.after(() => probe.stop());
    let aheadMs = 0;
    const runner = new ProbeRunner(probe, () => now() + aheadMs);
    assert.equal(verdictOf(await runner.run(2_000)), 'unknown pending');
    aheadMs = 119_000;
    assert.equal(verdictOf(await runner.run(2_000)), 'unknown pending');
    aheadMs = 121_000;
    assert.equal(verdictOf(await runner.run(2_000)), 'fail status');
  });
});
