import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdictOf } from '../support/ask.ts';
import { fakeVite, viteProbe } from '../support/fake-vite.ts';
import type { Answer } from '../support/fake-vite.ts';
import { freePort, rawServer } from '../support/servers.ts';

test('the ping is the one that only Vite answers, from an allowed host', async (t) => {
  const vite = await fakeVite(t);
  assert.equal(verdictOf(await viteProbe(t, vite.url).run()), 'ok');
  const [ping] = vite.requests;
  assert.equal(ping?.headers.accept, 'text/x-vite-ping');
  assert.equal(ping?.headers.host, 'localhost');
  assert.equal(ping?.url, '/');
});

const BLOCKED = 'Blocked request. This host ("localhost") is not allowed.\nTo allow this host, …';
const BASE =
  'The server is configured with a public base URL of /app/ - did you mean to visit /app/ instead?';

/** Astro 5.18, its style cut out. */
const ASTRO_BASE = `<!doctype html><style>${' '.repeat(4_200)}</style><p>In your <code>site</code> you have your base path set to <a href="/docs">/docs</a>. Do you want to go there instead?</p>`;

for (const [what, answer, verdict, detail] of [
  [
    'a redirect to the base',
    { status: 302, headers: { location: '/app/' } },
    'fail misconfig',
    /set `vite: 'http:.*\/app\/'`/,
  ],
  [
    'a redirect with a query',
    { status: 302, headers: { location: '/app/?key=s3cr3t' } },
    'fail misconfig',
    /to \/app\/\?… \(302\): set `vite: 'http:[^%?]*\/app\/'`$/,
  ],
  [
    'a redirect to nowhere',
    { status: 302, headers: { location: '//' } },
    'fail misconfig',
    /redirects to \/\/ \(302\): ask where Vite itself serves the app$/,
  ],
  [
    'the sentence about the base',
    { status: 404, body: BASE },
    'fail misconfig',
    /set `vite: 'http:.*\/app\/'`/,
  ],
  [
    'a blocked host',
    { status: 403, body: BLOCKED },
    'fail misconfig',
    /Blocked request.*allowedHosts/,
  ],
  [
    'a page',
    { status: 200, body: 'hello' },
    'fail misconfig',
    /answered 200 where a Vite dev server answers 204/,
  ],
  ['another 403', { status: 403, body: 'no' }, 'fail status', /answered 403/],
  [
    "Astro's page for another base",
    { status: 404, body: ASTRO_BASE },
    'fail misconfig',
    /is not Vite's base: set `vite: 'http:.*\/docs'`/,
  ],
  ['a plain 404', { status: 404 }, 'fail status', /answered 404/],
  ['a middleware that always fails', { status: 500, body: 'oops' }, 'fail status', /answered 500/],
  ['a proxy with nobody behind it', { status: 502 }, 'fail status', /answered 502/],
] satisfies readonly (readonly [string, Answer, string, RegExp])[]) {
  test(`${what} in answer to the ping is ${verdict}`, async (t) => {
    const vite = await fakeVite(t);
    vite.answers.set('ping', answer);
    const sample = await viteProbe(t, vite.url).run();
    assert.equal(verdictOf(sample), verdict);
    assert.match(sample.detail, detail);
    assert.deepEqual(vite.asked, ['ping'], 'no deep check of a server that is not well');
  });
}

test('a server that is not there is refused', async (t) => {
  const port = await freePort(t);
  const sample = await viteProbe(t, `http://localhost:${port}/`).run();
  assert.equal(verdictOf(sample), 'fail refused');
});

test('a server that accepts and is silent is a timeout', async (t) => {
  const { port } = await rawServer(t, () => undefined);
  const sample = await viteProbe(t, `http://127.0.0.1:${port}/`).run(100);
  assert.equal(verdictOf(sample), 'fail timeout');
});
