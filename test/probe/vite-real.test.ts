import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Sample } from '../../src/probe/probe.ts';
import { until, verdictOf } from './support/ask.ts';
import { viteProbe } from './support/fake-vite.ts';
import { viteApp } from './support/vite-app.ts';
import type { ViteApp } from './support/vite-app.ts';

/** Runs until the sample is the wanted one; each run of the probe is a fresh question. */
async function comesTo(run: () => Promise<Sample>, verdict: string): Promise<Sample> {
  let sample = await run();
  await until(
    async () => {
      if (verdictOf(sample) !== verdict) sample = await run();
      return verdictOf(sample) === verdict;
    },
    `${verdict} (it was ${verdictOf(sample)}: ${sample.detail})`,
    10_000,
  );
  return sample;
}

/** Spares the work of optimising React where a test is not about it. */
const PLAIN = { optimizeDeps: { noDiscovery: true } };

const isOwnModule = (path: string): boolean => path.startsWith('/src/');

/** An app whose own requests are counted, so that a test knows that a deep check has passed. */
async function countedApp(t: TestContext): Promise<{ app: ViteApp; asked: Set<string> }> {
  const asked = new Set<string>();
  const app = await viteApp(t, {
    plugins: [
      {
        name: 'count',
        configureServer(server) {
          server.middlewares.use((request, _response, next) => {
            asked.add(request.url ?? '');
            next();
          });
        },
      },
    ],
  });
  return { app, asked };
}

test('a healthy app is ok, and all of its own modules are checked', async (t) => {
  const { app, asked } = await countedApp(t);
  const { run } = viteProbe(t, app.url, { deepPeriodMs: 60_000, deepTimeoutMs: 15_000 });
  assert.equal(verdictOf(await run()), 'ok');
  await until(
    () => asked.has('/src/data.json?import') && asked.has('/src/inline.css'),
    'the walk',
    15_000,
  );
  const own = [...asked].filter((path) => isOwnModule(path));
  assert.deepEqual(own.sort(), [
    '/src/App.tsx',
    '/src/data.json?import',
    '/src/inline.css',
    '/src/logo.svg?import',
    '/src/main.css',
    '/src/main.tsx',
  ]);
  assert.ok(![...asked].some((path) => path.includes('deps/')), 'no dependency is asked for');
  for (let runs = 0; runs < 3; runs += 1) assert.equal(verdictOf(await run()), 'ok');
});

test('an app is broken and fixed in turn', async (t) => {
  const app = await viteApp(t, PLAIN);
  const { run } = viteProbe(t, app.url, { deepTimeoutMs: 15_000 });
  const goodApp = 'export default function App() { return null }';

  await app.write('src/App.tsx', 'export default function App() {\n  let a = ;\n}');
  const syntax = await comesTo(run, 'fail source');
  assert.match(syntax.detail, /^src\/App\.tsx:2:\d+ Unexpected token/);
  await app.write('src/App.tsx', goodApp);
  await comesTo(run, 'ok');

  await app.write('src/App.tsx', `import './Missing';\n${goodApp}`);
  const missing = await comesTo(run, 'fail source');
  assert.match(missing.detail, /^src\/App\.tsx:1:\d+ Failed to resolve import "\.\/Missing"/);
  await app.write('src/App.tsx', goodApp);
  await comesTo(run, 'ok');

  await app.write('src/main.css', '@import "./nope.css";');
  assert.match((await comesTo(run, 'fail source')).detail, /^src\/main\.css .*nope\.css/);
  await app.write('src/main.css', '');
  await comesTo(run, 'ok');

  await app.remove('src/main.tsx');
  assert.match((await comesTo(run, 'fail source')).detail, /^src\/main\.tsx is not there/);
  await app.write('src/main.tsx', 'import "./App.tsx"');
  await comesTo(run, 'ok');

  await app.remove('index.html');
  assert.match((await comesTo(run, 'fail source')).detail, /index\.html is not there/);
});

test('the wrong base is a misconfiguration that names the right one', async (t) => {
  const app = await viteApp(t, { ...PLAIN, base: '/app/' });
  const right = await viteProbe(t, app.url).run();
  assert.equal(verdictOf(right), 'ok');
  for (const path of ['/', '/other/']) {
    const wrong = await viteProbe(t, new URL(path, app.url).href).run();
    assert.equal(verdictOf(wrong), 'fail misconfig');
    assert.match(wrong.detail, /set `vite: 'http:\/\/127\.0\.0\.1:\d+\/app\/'`/);
  }
});

test('under a base, the modules are walked all the same', async (t) => {
  const app = await viteApp(t, { ...PLAIN, base: '/app/' });
  await app.write('src/App.tsx', 'let a = ;');
  const sample = await comesTo(viteProbe(t, app.url).run, 'fail source');
  assert.match(sample.detail, /^src\/App\.tsx:1:/);
});

test('a narrow list of allowed hosts does not block the probe', async (t) => {
  const app = await viteApp(t, { ...PLAIN, server: { allowedHosts: ['my.example'] } });
  const url = new URL(app.url);
  url.hostname = 'localhost';
  assert.equal(verdictOf(await viteProbe(t, url.href).run()), 'ok');
});

test('a plugin that answers 500 to everything is a failure that a restart may fix', async (t) => {
  const app = await viteApp(t, {
    ...PLAIN,
    plugins: [
      {
        name: 'broken',
        configureServer(server) {
          server.middlewares.use((_request, response) => {
            response.statusCode = 500;
            response.end('broken');
          });
        },
      },
    ],
  });
  assert.equal(verdictOf(await viteProbe(t, app.url).run()), 'fail status');
});
