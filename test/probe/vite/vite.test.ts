import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Sample } from '../../../src/probe/probe.ts';
import { until, verdictOf } from '../support/ask.ts';
import { errorPage, fakeVite, script, viteProbe } from '../support/fake-vite.ts';
import type { Answer, FakeVite } from '../support/fake-vite.ts';

type Run = (timeoutMs?: number) => Promise<Sample>;

/** Runs until a sample is not ok; the deep check that finds it runs beside the pings. */
async function untilNotOk(run: Run): Promise<Sample> {
  let sample = await run();
  await until(async () => {
    if (sample.kind === 'ok') sample = await run();
    return sample.kind !== 'ok';
  }, 'a sample that is not ok');
  return sample;
}

const SYNTAX_ERROR = errorPage({
  message:
    'Transform failed with 1 error:\n\n[PARSE_ERROR] Unexpected token\n ╭─[ src/App.tsx:12:5 ]',
  id: '/home/me/app/src/App.tsx',
});

async function verdictWith(t: TestContext, path: string, answer: Answer): Promise<Sample> {
  const vite = await fakeVite(t);
  vite.answers.set(path, answer);
  return untilNotOk(viteProbe(t, vite.url).run);
}

for (const [what, path, answer, verdict, detail] of [
  [
    'a syntax error beyond the entry',
    '/src/App.tsx',
    SYNTAX_ERROR,
    'fail source',
    /^src\/App\.tsx:12:5 Unexpected token$/,
  ],
  [
    'a module that is gone',
    '/src/App.tsx',
    { status: 404 },
    'fail source',
    /^src\/App\.tsx is not there \(404\) \(imported by src\/main\.tsx\)$/,
  ],
  [
    'the page in place of a module',
    '/src/App.tsx',
    { type: 'text/html', body: '<html>' },
    'fail source',
    /^src\/App\.tsx is not there/,
  ],
  [
    'an entry that is no JavaScript',
    '/src/main.tsx',
    { type: 'image/png' },
    'fail source',
    /served as image\/png/,
  ],
  ['no index.html', '/', { status: 404 }, 'fail source', /index\.html is not there/],
  [
    'a page that Vite cannot transform',
    '/',
    errorPage({ message: 'Unable to parse HTML', id: '/a/index.html' }),
    'fail source',
    /^index\.html Unable to parse HTML/,
  ],
  [
    'the transformer gone',
    '/src/App.tsx',
    errorPage({ message: 'The service is no longer running: write EPIPE', id: '/a/src/App.tsx' }),
    'fail signature',
    /^src\/App\.tsx: .*no longer running/,
  ],
  [
    'the transformer stopped, in plain text',
    '/src/main.tsx',
    { status: 500, body: 'The service was stopped' },
    'fail signature',
    /src\/main\.tsx/,
  ],
  [
    'source that quotes the transformer',
    '/src/App.tsx',
    errorPage({
      message: 'Unexpected token',
      id: '/a/src/App.tsx',
      pluginCode: 'The service was stopped',
    }),
    'fail source',
    /Unexpected token/,
  ],
  [
    'an error page that is not Vite’s',
    '/src/main.tsx',
    { status: 500, body: 'oops' },
    'fail status',
    /answered 500.*not Vite's own/,
  ],
  [
    'the page failing in a middleware',
    '/',
    { status: 500, body: 'oops' },
    'fail status',
    /^the page answered 500/,
  ],
  // Astro 5.18, asked for a page that reads what is not defined, and for one that is no JavaScript.
  [
    'a page that a framework on top of Vite cannot render',
    '/',
    {
      status: 500,
      body: '<title>ReferenceError</title><script type="module" src="/@vite/client"></script>',
    },
    'fail source',
    /^the page answered 500 .*: ReferenceError in the source/,
  ],
  [
    'the same without a name for the error',
    '/',
    {
      status: 500,
      body: '<title>undefined</title><script type="module" src="/docs/@vite/client"></script>',
    },
    'fail source',
    /: an error in the source/,
  ],
  [
    'a proxy in place of a module',
    '/src/main.tsx',
    { status: 502 },
    'fail misconfig',
    /server\.proxy/,
  ],
  [
    'a module outside of the allow list',
    '/src/App.tsx',
    { status: 403, body: '403 Restricted' },
    'fail misconfig',
    /answered 403/,
  ],
  [
    'an entry that redirects',
    '/src/main.tsx',
    { status: 302, headers: { location: '/login' } },
    'fail misconfig',
    /302 Found to \/login/,
  ],
] satisfies readonly (readonly [string, string, Answer, string, RegExp])[]) {
  test(`deep: ${what} is ${verdict}`, async (t) => {
    const sample = await verdictWith(t, path, answer);
    assert.equal(verdictOf(sample), verdict, sample.detail);
    assert.match(sample.detail, detail);
  });
}

/** Runs until a deep check has asked for `path`, has ended and was followed by another run. */
async function afterDeepCheck(vite: FakeVite, run: Run, path = '/src/App.tsx'): Promise<Sample> {
  let sample = await run();
  await until(async () => {
    sample = await run();
    const asked = vite.asked.indexOf(path);
    // The next check has begun: the one before is over, and its result could be reported.
    return sample.kind !== 'ok' || (asked !== -1 && vite.asked.lastIndexOf('/') > asked);
  }, `a deep check past ${path}`);
  return sample;
}

test('deep: a healthy app is ok, each module requested as a browser does', async (t) => {
  const vite = await fakeVite(t);
  const { run } = viteProbe(t, vite.url);
  await run();
  await until(() => vite.asked.includes('/src/App.tsx'), 'the deep check');
  assert.deepEqual(vite.asked.slice(0, 4), ['ping', '/', '/src/main.tsx', '/src/App.tsx']);
  const [, page, entry] = vite.requests;
  assert.equal(page?.headers.accept, 'text/html');
  assert.equal(entry?.headers['sec-fetch-dest'], 'script');
  assert.equal(entry?.headers.host, 'localhost');
  assert.equal(verdictOf(await run()), 'ok');
});

for (const reason of [
  'Outdated Optimize Dep',
  'Outdated Request',
  'Optimize Deps Processing Error',
]) {
  test(`deep: 504 ${reason} is no failure`, async (t) => {
    const vite = await fakeVite(t);
    vite.answers.set('/src/App.tsx', { status: 504, reason });
    const { run } = viteProbe(t, vite.url);
    assert.equal(verdictOf(await afterDeepCheck(vite, run)), 'ok');
  });
}

test('deep: pictures, styles and what others have written do not matter', async (t) => {
  const vite = await fakeVite(t);
  vite.answers.set(
    '/src/App.tsx',
    script(`import "/node_modules/.vite/deps/react.js?v=1"; import "/@react-refresh";
      import "https://cdn.example/x.js"; import "react"; import a from "/src/a.png?import";
      import("/src/Lazy.tsx"); export * from "/src/b.css"; export default a;`),
  );
  vite.answers.set('/src/a.png?import', { type: 'image/png', body: '\u0000' });
  vite.answers.set('/src/b.css', script('this is } not { javascript'));
  const { run } = viteProbe(t, vite.url);
  assert.equal(verdictOf(await afterDeepCheck(vite, run, '/src/b.css')), 'ok');
  const own = new Set(vite.asked.filter((path) => path !== 'ping'));
  assert.deepEqual(
    own,
    // The dependency is requested, and may be missing (404): its text is not judged.
    new Set([
      '/',
      '/src/main.tsx',
      '/src/App.tsx',
      '/src/a.png?import',
      '/src/b.css',
      '/node_modules/.vite/deps/react.js?v=1',
    ]),
  );
});

test('deep: at most 200 modules are requested', async (t) => {
  const vite = await fakeVite(t);
  for (let index = 0; index < 300; index += 1) {
    vite.answers.set(
      `/src/${index}.ts`,
      script(`import "/src/${index + 1}.ts"; import "/src/main.tsx"`),
    );
  }
  vite.answers.set('/src/App.tsx', script('import "/src/0.ts"'));
  const { run } = viteProbe(t, vite.url, { deepPeriodMs: 60_000 });
  await run();
  await until(() => vite.asked.includes('/src/197.ts'), 'the end of the walk');
  assert.equal(verdictOf(await run()), 'ok');
  assert.equal(vite.asked.filter((path) => path.startsWith('/src/')).length, 200);
});

test('deep: of 40 000 imports in one module a thousand are read, and 200 requested', async (t) => {
  const vite = await fakeVite(t);
  const imports = Array.from({ length: 40_000 }, (_, index) => `import"/${index}"`).join(';');
  vite.answers.set('/src/App.tsx', script(imports));
  for (let index = 0; index < 40_000; index += 1) vite.answers.set(`/${index}`, script(''));
  const before = process.memoryUsage().rss;
  const { run } = viteProbe(t, vite.url, { deepPeriodMs: 60_000 });
  await run();
  await until(() => vite.asked.includes('/197'), 'the end of the walk');
  assert.equal(verdictOf(await run()), 'ok');
  assert.equal(vite.asked.filter((path) => path !== 'ping' && path !== '/').length, 200);
  const grownMb = (process.memoryUsage().rss - before) / 1e6;
  assert.ok(grownMb < 200, `${grownMb} MB`);
});

test('deep: a page that puts the client below // is a base like any other', async (t) => {
  const vite = await fakeVite(t);
  const { host } = new URL(vite.url);
  const page = `<script type="module" src="//${host}//@vite/client"></script>`;
  vite.answers.set('/', { type: 'text/html', body: page });
  const { run } = viteProbe(t, vite.url, { hmr: true, deepPeriodMs: 1 });
  await run();
  await until(async () => {
    assert.notEqual(verdictOf(await run()), 'unknown broken-probe');
    return vite.asked.includes('//@vite/client');
  }, 'the client script');
  for (let runs = 0; runs < 3; runs += 1) {
    assert.notEqual(verdictOf(await run()), 'unknown broken-probe');
  }
});

test('a failure of the background check is reported once; then each run checks again', async (t) => {
  const vite = await fakeVite(t);
  vite.answers.set('/src/App.tsx', SYNTAX_ERROR);
  const { run } = viteProbe(t, vite.url, { deepPeriodMs: 60_000 });
  const first = await run();
  assert.equal(verdictOf(first), 'ok', 'the ping alone');
  assert.equal(verdictOf(await untilNotOk(run)), 'fail source');
  const asks = (): number => vite.asked.filter((path) => path === '/').length;
  assert.equal(asks(), 1);
  assert.equal(verdictOf(await run()), 'fail source');
  assert.equal(asks(), 2, 'a second failure is a second observation');
  vite.answers.set('/src/App.tsx', script('export default () => 2'));
  assert.equal(verdictOf(await run()), 'ok');
  assert.equal(asks(), 3, 'mended at once');
  assert.equal(verdictOf(await run()), 'ok');
  assert.equal(asks(), 3, 'and the pace is the slow one again');
});

test('a slow deep check delays no ping, and hides no hang', async (t) => {
  const vite = await fakeVite(t);
  vite.answers.set('/src/main.tsx', { hang: true });
  const { run } = viteProbe(t, vite.url);
  for (let runs = 0; runs < 3; runs += 1) {
    const sample = await run();
    assert.equal(verdictOf(sample), 'ok');
  }
  await until(() => vite.asked.includes('/src/main.tsx'), 'the deep check under way');
  vite.answers.set('ping', { hang: true });
  assert.equal(verdictOf(await run(100)), 'fail timeout');
});

test('while broken, a deep check that takes longer than the run is pending, then reported once', async (t) => {
  const vite = await fakeVite(t);
  vite.answers.set('/src/App.tsx', SYNTAX_ERROR);
  const { run } = viteProbe(t, vite.url);
  assert.equal(verdictOf(await untilNotOk(run)), 'fail source');
  vite.answers.set('/src/App.tsx', { ...SYNTAX_ERROR, delayMs: 500 });
  const asks = (): number => vite.asked.filter((path) => path === '/').length;
  const before = asks();
  const samples: Sample[] = [];
  await until(async () => {
    samples.push(await run(200));
    return samples.at(-1)?.kind === 'fail';
  }, 'the deep check to end');
  const verdicts = samples.map((sample) => verdictOf(sample));
  assert.deepEqual([...new Set(verdicts)], ['unknown pending', 'fail source']);
  assert.equal(asks(), before + 1, 'one observation, one failure');
});

test('a deep check at its deadline is a timeout that says so', async (t) => {
  const vite = await fakeVite(t);
  vite.answers.set('/src/main.tsx', { hang: true });
  const sample = await untilNotOk(viteProbe(t, vite.url, { deepTimeoutMs: 150 }).run);
  assert.equal(verdictOf(sample), 'fail timeout');
  assert.match(sample.detail, /^deep check: no answer for src\/main\.tsx within \d+ ms$/);
});

test('a large app that does not get through in time is no hang', async (t) => {
  const vite = await fakeVite(t);
  for (let index = 0; index < 100; index += 1) {
    vite.answers.set(`/src/${index}.ts`, {
      ...script(`import "/src/${index + 1}.ts"`),
      delayMs: 30,
    });
  }
  vite.answers.set('/src/App.tsx', script('import "/src/0.ts"'));
  const { run } = viteProbe(t, vite.url, { deepTimeoutMs: 1000 });
  assert.equal(verdictOf(await afterDeepCheck(vite, run, '/src/0.ts')), 'ok');
});

test('a result from before an outage is not reported after it', async (t) => {
  const vite = await fakeVite(t);
  vite.answers.set('/src/App.tsx', SYNTAX_ERROR);
  const { run } = viteProbe(t, vite.url, { deepPeriodMs: 60_000 });
  await run();
  await until(() => vite.asked.includes('/src/App.tsx'), 'the deep check');
  vite.answers.set('ping', { status: 500 });
  assert.equal(verdictOf(await run()), 'fail status');
  vite.answers.set('ping', { status: 204 });
  vite.answers.set('/src/App.tsx', script('export default () => 1'));
  assert.equal(verdictOf(await run()), 'ok');
});

test('stop ends the deep check and the present run', async (t) => {
  const vite = await fakeVite(t);
  vite.answers.set('/src/main.tsx', { hang: true });
  const { run, stop } = viteProbe(t, vite.url);
  await run();
  await until(() => vite.asked.includes('/src/main.tsx'), 'the deep check under way');
  const hanging = vite.requests.at(-1);
  const isClosed = new Promise((resolve) => hanging?.socket.once('close', resolve));
  stop();
  stop();
  await isClosed;
  assert.equal(verdictOf(await run()), 'unknown aborted');
});

test('where only a deep answer counts, a new probe waits for one and not for the ping', async (t) => {
  const vite = await fakeVite(t);
  vite.answers.set('/src/App.tsx', SYNTAX_ERROR);
  const { run, deeply } = viteProbe(t, vite.url, { deepPeriodMs: 60_000 });
  const first = await deeply();
  assert.deepEqual(
    [verdictOf(first), first.kind === 'fail' && first.isDeep],
    ['fail source', true],
  );
  vite.answers.set('/src/App.tsx', script('export default () => 2'));
  const fixed = await deeply();
  assert.deepEqual([verdictOf(fixed), 'isShallow' in fixed], ['ok', false]);
  const again = await deeply();
  assert.deepEqual([verdictOf(again), 'isShallow' in again], ['ok', false], 'a second deep answer');
  await run();
  const ping = await run();
  assert.deepEqual([verdictOf(ping), ping.kind === 'ok' && ping.isShallow], ['ok', true]);
});
