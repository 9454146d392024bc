import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyOf, moduleOf, servedBase } from '../../../src/probe/vite/module-url.ts';

const PAGE = new URL('http://localhost:5173/app/');

for (const [specifier, name] of [
  ['/app/src/main.tsx', 'src/main.tsx'],
  ['./src/main.tsx?t=17', 'src/main.tsx'],
  ['http://localhost:5173/app/src/a.css', 'src/a.css'],
  ['/app/src/logo.svg?import', 'src/logo.svg'],
  ['/app/src/%C3%BC.ts#x', 'src/ü.ts'],
  ['/app/src/%ZZ.ts', 'src/%ZZ.ts'],
  ['/app/index.html?html-proxy&index=0.js', 'index.html (inline script 0.js)'],
  ['/app/@vite/client', undefined],
  ['/app/@id/__x00__x', undefined],
  ['/app/@fs/home/x.ts', undefined],
  ['/app/@react-refresh', undefined],
  ['/app/node_modules/.vite/deps/react.js?v=1', undefined],
  ['/app/.cache/deps/react.js?v=082ea43b', undefined],
  ['/other/src/main.tsx', undefined],
  ['../../etc/passwd', undefined],
  ['https://cdn.example/x.js', undefined],
  ['http://localhost:5174/app/x.js', undefined],
  ['//evil.example/app/x.js', undefined],
  ['react', undefined],
  ['data:text/javascript,1', undefined],
  ['http://[', undefined],
] as const) {
  test(`${specifier} is ${name ?? 'not the user’s own'}`, () => {
    assert.equal(moduleOf(specifier, PAGE, '/app/')?.name, name);
  });
}

test('a time stamp of hot reload makes no other module', () => {
  const keys = ['/app/a.ts', '/app/a.ts?t=123'].map((specifier) => {
    const module = moduleOf(specifier, PAGE, '/app/');
    return module === undefined ? '' : keyOf(module);
  });
  assert.equal(keys[0], keys[1]);
});

test('the base is the one Vite serves', () => {
  assert.equal(servedBase(['/app/@vite/client', '/app/src/main.tsx'], PAGE), '/app/');
  assert.equal(servedBase(['/@vite/client'], PAGE), '/');
  assert.equal(servedBase([], PAGE), '/app/');
  assert.equal(servedBase(['http://elsewhere/x/@vite/client'], PAGE), '/app/');
});
