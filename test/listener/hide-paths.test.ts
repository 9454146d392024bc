import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hidePaths, hidePathsIn } from '../../src/listener/hide-paths.ts';

test('a sentence keeps no absolute path', () => {
  const cases: [string, string][] = [
    ['cannot read /home/me/app/.env', 'cannot read …'],
    ["exec '/home/John Doe/my check.sh' failed", "exec '…' failed"],
    ['Error: /srv/app/src/a.ts:12:3 boom', 'Error: …:12:3 boom'],
    ['at file:///srv/app/a.mjs:1', 'at …:1'],
    [String.raw`C:\Users\me\app\a.js is gone`, '… is gone'],
    ['(/run/user/1000/app.sock)', '(…)'],
    ['~/.pm2/logs/web.log', '…'],
    ['path:/etc/ssl/key.pem', 'path:…'],
    ['http://localhost:5173/@fs/home/me/app/src/App.tsx:2:36', 'http://localhost:5173/@fs…:2:36'],
    ['webpack:///home/me/app/a.js', 'webpack://…'],
    ['->/home/me/app', '->…'],
    ['“/home/me/x”', '“…”'],
    ['@/home/me/x', '@…'],
    ['-r/home/me/x.js', '-r…'],
  ];
  for (const [text, wanted] of cases) assert.equal(hidePathsIn(text), wanted);
});

test('a sentence keeps URLs, and what is relative to the app', () => {
  for (const text of [
    'http://127.0.0.1:5173/api/health answered 500',
    'src/App.tsx:2:36 Expression expected',
    '3 of 3 checks timed out; GET /health',
    'no answer within 2s (50/50) and/or 1/2',
    'https://example.com/a/b?c=/d',
  ]) {
    assert.equal(hidePathsIn(text), text);
  }
});

test('plain data keeps its form', () => {
  const data = { a: ['/x/y', { b: null, c: 1 }], d: true };
  assert.deepEqual(hidePaths(data), { a: ['…', { b: null, c: 1 }], d: true });
});
