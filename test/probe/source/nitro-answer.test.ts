import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCompileError } from '../../../src/probe/source/compile-error.ts';

const ROOT = '/home/me/shop';
const ESBUILD = `at failureErrorWithLog (${ROOT}/node_modules/esbuild/lib/main.js:1752:15)`;
const VITE_NODE = `at ViteNodeRunner._fetchModule (${ROOT}/node_modules/vite-node/dist/client-C7yCjfvf.mjs:236:19)`;

/** An answer of `nuxt dev` to a request that does not ask for HTML, as recorded from Nuxt 4.4.5. */
function answer(
  message: string,
  stack: readonly string[] | undefined,
  status = 'Server Error',
): string {
  const url = 'http://localhost:3000/';
  const head = { error: true, url, statusCode: 500, statusMessage: status, message };
  return JSON.stringify(stack === undefined ? head : { ...head, stack }, undefined, 2);
}

const TRANSFORM = `Transform failed with 1 error:\n${ROOT}/server/api/n.ts:2:41: ERROR: Unexpected ";"`;
const MISSING = `Cannot find module './nothing.js' imported from '${ROOT}/app/app.vue'`;

/** The page of an error of `nuxt dev`, recorded without its style and scripts. */
function page(message: string): string {
  const text = message.replaceAll("'", '&#39;');
  return `<!DOCTYPE html><html><head><title>500 - undefined | Nuxt</title></head><body><h1>500</h1><h2 class="mb-2">undefined</h2><p class="mb-4">${text}</p></div><script>const host = document.querySelector('nuxt-error-overlay');</script>`;
}

for (const [what, status, body, detail] of [
  [
    'a page that does not compile, as HTML',
    'Vite Error',
    page('/app.vue — Unexpected token (2:11)'),
    'app.vue:2:11 Unexpected token',
  ],
  [
    'a missing import, as HTML',
    'Server Error',
    page(MISSING),
    "app/app.vue Cannot find module './nothing.js'",
  ],
  ['an error that is thrown, as HTML', 'Server Error', page('no db'), undefined],
  [
    'the page of a built app',
    'Server Error',
    page(MISSING).replace("'nuxt-error-overlay'", "'x'"),
    undefined,
  ],
  [
    'a server route that does not compile',
    'Server Error',
    answer(TRANSFORM, ['Transform failed with 1 error:', ESBUILD]),
    'server/api/n.ts:2:41 Unexpected ";"',
  ],
  [
    'an import of a page that leads nowhere',
    'Server Error',
    answer(MISSING, [MISSING, VITE_NODE]),
    "app/app.vue Cannot find module './nothing.js'",
  ],
  [
    'a page that does not compile',
    'Vite Error',
    answer('/app.vue — Unexpected token (2:11)', ['at x'], 'Vite Error'),
    'app.vue:2:11 Unexpected token',
  ],
  ['a page that throws', 'Server Error', answer('no db', ['no db', VITE_NODE]), undefined],
  [
    'a server route that throws the words of a compiler',
    'Server Error',
    answer(TRANSFORM, [`at handler (${ROOT}/server/api/n.ts:1:48)`]),
    undefined,
  ],
  [
    'a module that Node does not find at run time',
    'Server Error',
    answer(`Cannot find module './x.js' imported from ${ROOT}/app/app.vue`, [VITE_NODE]),
    undefined,
  ],
  ['a built app, which shows no stack', 'Server Error', answer(TRANSFORM, undefined), undefined],
] as const) {
  test(`Nuxt: ${what} is ${detail ?? 'no source error'}`, () => {
    assert.equal(readCompileError(body, status), detail);
  });
}
