import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, http, verdictOf } from '../support/ask.ts';
import { errorPage } from '../support/fake-vite.ts';
import { httpServer, scripted } from '../support/servers.ts';

/** The page in which `next dev` 16.4 answers an error, recorded without its scripts. */
function nextPage(err: object, buildId = 'development'): string {
  const props = { pageProps: { statusCode: 500, hostname: 'localhost' } };
  const page = { props, page: '/_error', query: {}, buildId, isFallback: false, err };
  const json = JSON.stringify({ ...page, gip: true, scriptLoader: [] }).replaceAll('<', '\\u003c');
  return `<!DOCTYPE html><html><body><div id="__next"></div><script id="__NEXT_DATA__" type="application/json">${json}</script></body></html>`;
}

const NEXT_ERROR = {
  name: 'Error',
  source: 'server',
  message:
    './app/page.jsx:2:36\nError: Expression expected\n  1 | export default function Page() {\n> 2 |   return (; <h1>Next</h1>;\n\nParsing ecmascript source code failed\n\n',
  stack:
    'Error: ./app/page.jsx:2:36\nError: Expression expected\n    at Object.getCompilationErrors (/app/node_modules/next/dist/server/dev/hot-reloader-turbopack.js:1566:37)',
};

const VITE_ERROR = errorPage({
  message: '[PARSE_ERROR] Unexpected token',
  id: '/home/me/app/app/routes/home.tsx',
  loc: { file: '/home/me/app/app/routes/home.tsx', line: 4, column: 7 },
}).body;

for (const [what, body, verdict, detail] of [
  [
    'source that Next does not compile',
    nextPage(NEXT_ERROR),
    'fail source',
    'app/page.jsx:2:36 Expression expected',
  ],
  [
    'an import that Next does not find',
    nextPage({
      ...NEXT_ERROR,
      message: "./app/page.jsx:1:1\nError: Module not found: Can't resolve './nothere.js'\n",
    }),
    'fail source',
    "app/page.jsx:1:1 Module not found: Can't resolve './nothere.js'",
  ],
  [
    'source that Vite does not compile, under React Router',
    VITE_ERROR,
    'fail source',
    'app/routes/home.tsx:4:7 Unexpected token',
  ],
  [
    'a Vite without its transformer, which a restart fixes,',
    errorPage({ message: 'The service is no longer running', id: '/home/me/app/app/root.tsx' })
      .body,
    'fail status',
    'answered 500 Internal Server Error, wanted 200-399',
  ],
  [
    'a page of Next that throws as it renders',
    nextPage({ ...NEXT_ERROR, name: 'ReferenceError', message: 'nothere is not defined' }),
    'fail status',
    'answered 500 Internal Server Error, wanted 200-399',
  ],
  [
    'a built Next app, with the same words in its page,',
    nextPage(NEXT_ERROR, 'Xn3vM0dWc'),
    'fail status',
    'answered 500 Internal Server Error, wanted 200-399',
  ],
  [
    'an app that shows a stack with the words of a compiler',
    `<pre>ModuleBuildError: ./app/page.jsx:2:12\nError: Expected '>'</pre>`,
    'fail status',
    'answered 500 Internal Server Error, wanted 200-399',
  ],
  [
    'a page that shows what was asked for, with the mark in it',
    `<p>${'<script id="__NEXT_DATA__" type="application/json">'.replaceAll('<', '&lt;')}${JSON.stringify({ err: NEXT_ERROR })}</p>`,
    'fail status',
    'answered 500 Internal Server Error, wanted 200-399',
  ],
] as const) {
  test(`500: ${what} is ${verdict}`, async (t) => {
    const { port } = await httpServer(t, (_request, response) => {
      response.writeHead(500, { 'content-type': 'text/html' }).end(body);
    });
    const sample = await ask(http(`http://127.0.0.1:${port}/`));
    assert.deepEqual([verdictOf(sample), sample.detail], [verdict, detail]);
  });
}

for (const [what, body, detail] of [
  // As people post it, of Nuxt 3; the newest Nuxt has the place in the stack alone.
  [
    'a place in the message',
    '<h1>500</h1><p>[vite-node] [plugin:vite:vue] [UnexpectedToken] /components/Header.vue:18:6 &lt;br&gt;</p><pre>at /app/node_modules/x/y.js:1:2</pre>',
    'components/Header.vue:18:6 does not compile (Nuxt says Vite Error)',
  ],
  ['no place', '<h1>500</h1>', 'the page does not compile (Nuxt says Vite Error)'],
] as const) {
  test(`500: source that Nuxt does not compile, with ${what}, is source`, async (t) => {
    const { port } = await httpServer(t, (_request, response) => {
      response.writeHead(500, 'Vite Error', { 'content-type': 'text/html' }).end(body);
    });
    const sample = await ask(http(`http://127.0.0.1:${port}/`));
    assert.deepEqual([verdictOf(sample), sample.detail], ['fail source', detail]);
  });
}

test('500: source that does not compile is reported where 500 is wanted too', async (t) => {
  const { port } = await httpServer(t, (_request, response) => {
    response.writeHead(500).end(nextPage(NEXT_ERROR));
  });
  const sample = await ask(http(`http://127.0.0.1:${port}/`, { status: [[200, 599]] }));
  assert.equal(verdictOf(sample), 'fail source');
});

test('200: the same page is no error', async (t) => {
  const { port } = await httpServer(t, (_request, response) => {
    response.end(nextPage(NEXT_ERROR));
  });
  assert.equal(verdictOf(await ask(http(`http://127.0.0.1:${port}/`))), 'ok');
});

const HEAD = 'HTTP/1.1 500 Internal Server Error\r\ncontent-length: 100000\r\n\r\n<html>';
for (const then of ['wait', 'reset', 'end'] as const) {
  test(`500: a body that does not come to its end (${then}) leaves the status`, async (t) => {
    const { port } = await scripted(t, HEAD, then);
    const sample = await ask(http(`http://127.0.0.1:${port}/`), 10_000);
    assert.equal(verdictOf(sample), 'fail status', sample.detail);
  });
}

test('500: at the deadline the status is what is known', async (t) => {
  const { port } = await scripted(t, HEAD, 'wait');
  const sample = await ask(http(`http://127.0.0.1:${port}/`), 300);
  assert.equal(verdictOf(sample), 'fail status', sample.detail);
});
